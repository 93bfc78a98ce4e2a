# The program's version, then each library as it is at run time.
"$DCMRISK" --version | sed 's/ [0-9][0-9A-Za-z.+-]*$/ VERSION/'
