#include "decimal.h"

#include <charconv>
#include <cmath>
#include <cstring>

namespace
{

enum { LEAST = 15, MOST = 17 }; /* digits of a double: all that are sure, all it takes */

/* As printf's "%.<precision>g", which is what the standard says of it. */
size_t rounded(double v, int precision, char *out)
{
    return static_cast<size_t>(std::to_chars(out, out + DCR_DECIMAL_TEXT, v,
                                             std::chars_format::general, precision)
                                   .ptr -
                               out);
}

bool reads_back(const char *p, size_t n, double v)
{
    double back = 0;
    return std::from_chars(p, p + n, back).ec == std::errc() && back == v;
}

/* Numbers of which the neighbour below is nearer than the one above, or that have fewer
 * digits than others: what reads back may be another one than what is nearest. */
bool uneven(double v)
{
    int exponent;
    return std::fabs(std::frexp(v, &exponent)) == 0.5 || !std::isnormal(v);
}

size_t by_trial(double v, char *out)
{
    size_t n = 0;
    for (int digits = LEAST; digits <= MOST; digits++) {
        n = rounded(v, digits, out);
        if (reads_back(out, n, v))
            break;
    }
    return n;
}

/* Digits and exponent as "%.<precision>g" lays them out, exponent below the precision. */
size_t lay_out(const char *digit, size_t n, int exponent, char *out)
{
    char *to = out;
    size_t whole = exponent < 0 ? 0 : static_cast<size_t>(exponent) + 1;
    if (exponent < 0) {
        memcpy(to, "0.0000", 6);
        to += 1 - exponent;
    }
    for (size_t i = 0; i < n || i < whole; i++) {
        if (i == whole && i > 0)
            *to++ = '.';
        *to++ = i < n ? digit[i] : '0';
    }
    return static_cast<size_t>(to - out);
}

/* The fewest digits that read back; where there are not more than that many it is these
 * that printf rounds to, as the nearest number of so many digits is among those that
 * read back. */
size_t shortest(double v, char *out)
{
    char text[DCR_DECIMAL_TEXT], digit[DCR_DECIMAL_TEXT];
    const char *end =
        std::to_chars(text, text + sizeof text, v, std::chars_format::scientific).ptr;
    const char *e = static_cast<const char *>(memchr(text, 'e', sizeof text));
    size_t n = 0, sign = text[0] == '-';
    int exponent = 0;
    for (const char *p = text + sign; p < e; p++)
        if (*p != '.')
            digit[n++] = *p;
    for (const char *p = e + 2; p < end; p++)
        exponent = exponent * 10 + (*p - '0');
    exponent = e[1] == '-' ? -exponent : exponent;
    if (exponent < -4 || exponent >= (n < LEAST ? LEAST : static_cast<int>(n))) {
        memcpy(out, text, static_cast<size_t>(end - text));
        return static_cast<size_t>(end - text);
    }
    out[0] = '-';
    return sign + lay_out(digit, n, exponent, out + sign);
}

} // namespace

extern "C" size_t dcr_decimal_text(double v, bool single, char out[DCR_DECIMAL_TEXT])
{
    if (single)
        return rounded(v, 9, out);
    return uneven(v) ? by_trial(v, out) : shortest(v, out);
}
