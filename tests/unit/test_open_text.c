/* Openers of text: XML (the rules of XML 1.0), JSON (RFC 8259), RTF 1.9, ASCCONV as real
 * Siemens files have it, plain text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "open_bytes.h"
#include "trail.h"
#include "value.h"

static told t;

static const char *lines_of(const char *opener, const char *text)
{
    assert_int_equal(told_open(&t, opener_named(opener), text, strlen(text)), DCR_OK);
    assert_false(t.bad_name);
    return t.lines.p;
}

/* Who opens a value that begins so. */
static const char *who(const char *text, uint64_t total)
{
    size_t n = strlen(text);
    const dcr_opener *o =
        dcr_open_sniff((const uint8_t *)text, n, total == 0 ? n : total);
    return o == NULL ? "" : o->name;
}

/* ---- who is asked ---- */

static void test_sniff(void **state)
{
    (void)state;
    assert_string_equal(who("<?xml version='1.0'?><a>1</a>", 0), "xml");
    assert_string_equal(who(" \r\n<Study id='1'/>", 0), "xml");
    assert_string_equal(who("\xEF\xBB\xBF<a>12345</a>", 0), "xml");
    assert_string_equal(who("<!-- x --><a/>", 0), "xml");
    assert_string_equal(who("{\"a\": 1}", 0), "json");
    assert_string_equal(who(" [ {\"a\": 1} ]", 0), "json");
    assert_string_equal(who("{\\rtf1 text}", 0), "rtf");
    assert_string_equal(who("<XProtocol> {  }  ", 0), "ascconv");
    assert_string_equal(who("### ASCCONV BEGIN ###\n", 0), "ascconv");
    /* behind each kind of blank */
    for (char text[] = " {\"a\": 1}", c = '\t'; c <= '\r'; c++) {
        text[0] = c;
        assert_string_equal(who(text, 0), "json");
    }
    assert_string_equal(who("\f<Study id='1'/>", 0), "xml");
    assert_string_equal(who("\v### ASCCONV BEGIN ###\n", 0), "ascconv");
    /* values of real files that only begin alike */
    assert_string_equal(who("{SUVbw}g/ml", 0), "");
    assert_string_equal(who("{pixels}", 0), "");
    assert_string_equal(who("[LOWER LEG  ] 1.0 ", 0), "");
    assert_string_equal(who("<5 mm, no change", 0), "");
    assert_string_equal(who("%SiemensSeq%\\ep2d", 0), "");
    assert_string_equal(who("", 0), "");
    assert_string_equal(who("ISO_IR 100", 0), "");
}

/* ---- XML ---- */

static void test_xml(void **state)
{
    (void)state;
    assert_string_equal(
        lines_of("xml",
                 "<?xml version=\"1.0\"?><!DOCTYPE r SYSTEM 'file:///x'>"
                 "<h:r xmlns:h='urn:x'><!-- by Doe --><p id = \"7&amp;8\"><n>A&lt;B "
                 "&#xE9;&#233;&none;</n><n><![CDATA[<b>]]></n></p>tail<e/></h:r>"),
        "r.comment UT by Doe\n"
        "r.p.id UT 7&8\n"
        "r.p.n UT A<B %C3%A9%C3%A9&none;\n"
        "r.p.n UT <b>\n"
        "r UT tail\n");
}

/* The native model of PS3.19 A.1, and what dcm2xml of DCMTK writes. */
static void test_xml_dicom(void **state)
{
    (void)state;
    assert_string_equal(
        lines_of("xml", "<NativeDicomModel><DicomAttribute keyword=\"PatientName\" "
                        "tag=\"00100010\" vr=\"PN\"><PersonName number=\"1\"><Alphabetic>"
                        "<FamilyName>Doe</FamilyName></Alphabetic></PersonName>"
                        "</DicomAttribute></NativeDicomModel>"),
        "NativeDicomModel.00100010.vr UT PN\n"
        "NativeDicomModel.00100010.PersonName.number UT 1\n"
        "NativeDicomModel.00100010.PersonName.Alphabetic.FamilyName UT Doe\n");
    assert_string_equal(lines_of("xml", "<data-set><element tag=\"0010,0020\" vr=\"LO\" "
                                        "name=\"PatientID\">4711</element></data-set>"),
                        "data-set.element.tag UT 0010,0020\n"
                        "data-set.element.vr UT LO\n"
                        "data-set.PatientID UT 4711\n");
}

static void test_xml_broken(void **state)
{
    (void)state;
    assert_string_equal(lines_of("xml", "<a><b>1</b><c>2"), "a.b UT 1\na.c UT 2\n");
    assert_string_equal(lines_of("xml", "<a><b>1</b><c x=3>2</c></a>"), "a.b UT 1\n");
    assert_string_equal(lines_of("xml", "<a>1</a></a></b><c>2</c>"), "a UT 1\nc UT 2\n");
    assert_string_equal(lines_of("xml", "<a>1<!-- "), "a UT 1\n");
    assert_string_equal(lines_of("xml", "<a>&#99999999;&#x;&#xD800;</a>"),
                        "a UT %EF%BF%BD%EF%BF%BD%EF%BF%BD\n");
}

static void test_xml_utf16(void **state)
{
    static const char big[] = "\xFE\xFF\0<\0a\0>\0D\0\xF6\xD8\x3D\xDE\0\0<\0/\0a\0>";
    (void)state;
    assert_int_equal(told_open(&t, opener_named("xml"), big, sizeof big - 1), DCR_OK);
    assert_string_equal(t.lines.p, "a UT D%C3%B6%F0%9F%98%80\n");
}

/* Deep nesting costs no stack, and its names stay within their length. */
static void test_xml_deep(void **state)
{
    dcr_buf b = {0};
    (void)state;
    for (int i = 0; i < 200000; i++)
        dcr_buf_str(&b, "<deep>");
    dcr_buf_str(&b, "x");
    for (int i = 0; i < 200000; i++)
        dcr_buf_str(&b, "</deep>");
    dcr_buf_str(&b, "<top>y</top>");
    assert_int_equal(told_open(&t, opener_named("xml"), b.p, b.n), DCR_OK);
    assert_false(t.bad_name);
    assert_int_equal(t.values, 2);
    assert_non_null(strstr(t.lines.p, "deep.deep UT x\ntop UT y\n"));
    dcr_buf_clear(&b);
}

/* ---- JSON ---- */

static void test_json(void **state)
{
    (void)state;
    assert_string_equal(
        lines_of("json",
                 " {\"00100010\": {\"vr\": \"PN\", \"Value\": [{\"Alphabetic\": "
                 "\"Doe^\\u004aane\"}]}, \"list\": [1, -2.5e+3, [true, null]],"
                 "\"e\": \"\", \"x y/z\": \"a\\\"\\\\\\n\\ud83d\\ude00\\ud800\"}"),
        "00100010.vr UT PN\n"
        "00100010.Value.Alphabetic UT Doe^Jane\n"
        "list UT 1\n"
        "list UT -2.5e+3\n"
        "list UT true\n"
        "x_y_z UT a\"\\%0A%F0%9F%98%80%EF%BF%BD\n");
    assert_string_equal(lines_of("json", "[\"a\", {\"b\": {}}, \"c\"]"),
                        "_ UT a\n_ UT c\n");
}

static void test_json_broken(void **state)
{
    (void)state;
    assert_string_equal(lines_of("json", "{\"a\": 1, \"b\": \"cut"), "a UT 1\n");
    assert_string_equal(lines_of("json", "{\"a\": 1, b: 2}"), "a UT 1\n");
    assert_string_equal(lines_of("json", "{\"a\": 1] , \"b\": 2}"), "a UT 1\n");
    assert_string_equal(lines_of("json", "{\"a\": \"\\u12x4\", \"b\": 2}"), "");
    assert_string_equal(lines_of("json", "{\"a\": {\"b\": 1}}{\"c\": 2}"), "a.b UT 1\n");
}

/* Deeper than we go: said, and never recursed into. */
static void test_json_deep(void **state)
{
    dcr_buf b = {0};
    (void)state;
    dcr_buf_str(&b, "{\"a\":1,\"b\":");
    for (int i = 0; i < 100000; i++)
        dcr_buf_char(&b, '[');
    assert_int_equal(told_open(&t, opener_named("json"), b.p, b.n), DCR_OK);
    assert_string_equal(t.lines.p, "a UT 1\n");
    assert_true(t.cut);
    dcr_buf_clear(&b);
}

/* ---- ASCCONV ---- */

static const char protocol[] =
    "<XProtocol> \n{\n <Name> \"Phoenix\" \n <ParamMap.\"\"> \n {\n"
    "  <ParamBool.\"Inline\"> { <Visible> \"true\" }\n"
    "  <ParamLong.\"Count\"> \n { <Visible> \"true\" \n 12 \n }\n"
    "  <ParamString.\"PatientName\"> { <Visible> \"true\" \n \"Doe^Jane\" }\n"
    "  <ParamString.\"Protocol0\"> { \"<XProtocol> { <Name> \"\"x\"\" "
    "<ParamString.\"\"Inner\"\"> { \"\"deep value\"\" } }\" }\n } }\n"
    "### ASCCONV BEGIN object=MrProtDataImpl ###\n"
    "ulVersion\t = \t51130001\n"
    "tProtocolName\t = \t\"\"head\"\"\n"
    "sSliceArray.asSlice[0].dThickness\t = \t2.5\n"
    "sSliceArray.asSlice[1].dThickness\t = \t2.5\r\n"
    "sSliceArray.lSize\t = \t2\n"
    "asCoil[0].sID.tCoilID\t = \t\"HE1\"\n"
    "asCoil[1].sID.tCoilID\t = \t\"HE2\"\n"
    "sInfo.flUsedPatientWeight\t = \t71.5\n"
    "alTE[0] = 1\nalTE[1] = 2\n"
    "no value here\n = nameless\n"
    "### ASCCONV END ###\nbehind = 1\n";

static void test_ascconv(void **state)
{
    (void)state;
    assert_string_equal(lines_of("ascconv", protocol),
                        "Count UT 12\n"
                        "PatientName UT Doe^Jane\n"
                        "Inner UT deep value\n"
                        "ulVersion UT 51130001\n"
                        "tProtocolName UT head\n"
                        "sSliceArray UT 2.5\\2\n"
                        "asCoil.sID.tCoilID UT HE1\\HE2\n"
                        "sInfo.flUsedPatientWeight UT 71.5\n"
                        "alTE UT 1\\2\n");
}

static void test_ascconv_long(void **state)
{
    dcr_buf b = {0};
    (void)state;
    dcr_buf_str(&b, "### ASCCONV BEGIN ###\n");
    dcr_buf_str(&b,
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbb."
                "tName = \"x\"\n");
    for (int i = 0; i < 120000; i++)
        dcr_buf_fmt(&b, "s.a[%d] = %d\n", i, i);
    assert_int_equal(told_open(&t, opener_named("ascconv"), b.p, b.n), DCR_OK);
    assert_memory_equal(t.lines.p,
                        "bbbbbbbbbbbbbbbbbbbbbbbbbbbbb.tName UT x\ns UT 0\\1\\", 50);
    assert_int_equal(t.values, 2);
    assert_true(t.cut);
    dcr_buf_clear(&b);
}

static void test_ascconv_wants(void **state)
{
    dcr_open_place csa = {0, 0, NULL, "csa/MrPhoenixProtocol"},
                   other = {0, 0, NULL, "csa/ImaCoilString"},
                   xa = {0x0021, 0x1119, "SIEMENS MR SDS 01", NULL};
    (void)state;
    assert_ptr_equal(dcr_open_find(&csa), opener_named("ascconv"));
    assert_ptr_equal(dcr_open_find(&xa), opener_named("ascconv"));
    assert_null(dcr_open_find(&other));
}

/* ---- RTF and plain text ---- */

static void test_rtf(void **state)
{
    (void)state;
    assert_string_equal(
        lines_of("rtf", "{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}{\\*\\generator X;}\\f0 "
                        "Seen \\b Doe\\b0  J\\'e4ne\\par \\{b\\} \\u8364?\\'80 "
                        "{\\pict 0102} end}} behind"),
        "content UT Seen Doe J%C3%A4ne%0A{b} %E2%82%AC%C2%80  end\n");
    assert_string_equal(lines_of("rtf", "{\\rtf1 cut \\'4"), "content UT cut 4\n");
}

/* Long text comes in pieces that can be kept, cut at blanks and never in a character. */
static void test_plain(void **state)
{
    dcr_buf b = {0};
    (void)state;
    for (int i = 0; b.n < 10000; i++)
        dcr_buf_fmt(&b, "word%d ", i);
    assert_string_equal(who(b.p, 0), "plain");
    assert_int_equal(told_open(&t, opener_named("plain"), b.p, b.n), DCR_OK);
    assert_int_equal(t.values, 3);
    assert_int_equal(t.bytes, b.n - 1);
    b.n = 0;
    for (int i = 0; i < 3000; i++)
        dcr_buf_str(&b, "\xE2\x82\xAC");
    assert_int_equal(told_open(&t, opener_named("plain"), b.p, b.n), DCR_OK);
    assert_int_equal(t.values, 3);
    assert_int_equal(t.bytes, b.n);
    dcr_buf_clear(&b);
}

static const char *long_lines(bool numbers, const dcr_buf *b)
{
    const dcr_opener *o = dcr_open_long(numbers, (const uint8_t *)b->p, b->n, b->n);
    if (o == NULL)
        return "nobody";
    assert_int_equal(told_open(&t, o, b->p, b->n), DCR_OK);
    return t.lines.p;
}

static void fill(dcr_buf *b, const char *with, int times, const char *end, size_t n)
{
    b->n = 0;
    for (int i = 0; i < times; i++)
        dcr_buf_str(b, with);
    dcr_buf_add(b, end, n);
}

/* Padding of any length hides nothing; nor does a bracket that begins nothing. */
static void test_padded(void **state)
{
    static const char zeros[5001] = {0};
    dcr_buf b = {0};
    (void)state;
    fill(&b, " ", 5000, "Doe^Jane", 8);
    assert_string_equal(who(b.p, b.n), "plain");
    assert_string_equal(lines_of("plain", b.p), "content UT Doe^Jane\n");
    b.n = 0;
    dcr_buf_add(&b, zeros, 5000);
    dcr_buf_add(&b, "Doe^Jane", 8);
    assert_ptr_equal(dcr_open_sniff((const uint8_t *)b.p, 4096, b.n),
                     opener_named("plain"));
    assert_int_equal(told_open(&t, opener_named("plain"), b.p, b.n), DCR_OK);
    assert_string_equal(t.lines.p, "content UT Doe^Jane\n");
    dcr_buf_add(&b, "\1", 1); /* bytes, and no text */
    assert_int_equal(told_open(&t, opener_named("plain"), b.p, b.n), DCR_OK);
    assert_int_equal(t.values, 0);
    fill(&b, "< word ", 1000, "", 0);
    assert_string_equal(who(b.p, b.n), "plain");
    dcr_buf_clear(&b);
}

/* A VR that says text is believed, one that says numbers is not. */
static void test_long(void **state)
{
    dcr_buf b = {0};
    (void)state;
    fill(&b, "     ", 1000, "\1Doe^Jane", 9);
    assert_string_equal(long_lines(false, &b), "content UT Doe^Jane\n");
    fill(&b, "-1.5e+3\\ ", 1000, "2 ", 2);
    assert_string_equal(long_lines(true, &b), "nobody");
    fill(&b, "1.5\\", 1500, "Doe^Jane\\7", 10);
    assert_string_equal(long_lines(true, &b), "content UT Doe^Jane\n");
    fill(&b, "0", 5000, "Doe^Jane", 8);
    assert_string_equal(long_lines(true, &b), "content UT Doe^Jane\n");
    fill(&b, "1\\", 3000, "2.5 Doe", 7);
    assert_string_equal(long_lines(true, &b), "content UT 2.5 Doe\n");
    /* Whether a value is all numbers is not known by its begin. */
    assert_non_null(dcr_open_long(true, (const uint8_t *)"1", 1, 5000));
    dcr_buf_clear(&b);
}

/* Each piece can be kept when it has become UTF-8: German in Latin-1 grows. */
static void test_growing(void **state)
{
    dcr_buf b = {0};
    (void)state;
    fill(&b, "gr\xFCn ", 2000, "", 0);
    assert_int_equal(told_open(&t, opener_named("plain"), b.p, b.n), DCR_OK);
    assert_int_equal(t.bytes, b.n - 1);
    assert_true(t.values > b.n / (4096 / 3));
    dcr_buf_clear(&b);
}

/* ---- names, and hostile bytes ---- */

static void test_trail(void **state)
{
    dcr_trail x = {0};
    char name[DCR_OPEN_MAX_NAME + 1];
    (void)state;
    assert_string_equal(dcr_trail_name(&x, NULL, name), "_");
    dcr_trail_push(&x, (const uint8_t *)"a b", 3);
    dcr_trail_push(&x, (const uint8_t *)"", 0);
    assert_string_equal(dcr_trail_name(&x, "z", name), "a_b._.z");
    for (int i = 0; i < 100; i++)
        dcr_trail_push(&x, (const uint8_t *)"0123456789", 10);
    assert_string_equal(dcr_trail_name(&x, NULL, name),
                        "0123456789.0123456789.0123456789.0123456789.0123456789");
    for (int i = 0; i < 101; i++)
        dcr_trail_pop(&x);
    assert_string_equal(dcr_trail_name(&x, NULL, name), "a_b");
    for (int i = 0; i < 3; i++)
        dcr_trail_pop(&x);
    assert_string_equal(dcr_trail_name(&x, NULL, name), "_");
}

static void test_hostile(void **state)
{
    static const char *const text[][2] = {
        {"xml",
         "<?xml version='1.0'?><a b=\"c&amp;d\"><!-- e --><f:g>h</f:g><![CDATA[i]]>"
         "<j/></a>"},
        {"json", "{\"a\": [1, {\"b\": \"c\\u00e9\\n\"}], \"d\": {\"e\": true}}"},
        {"ascconv", protocol},
        {"rtf", "{\\rtf1{\\fonttbl{\\f0 A;}}b \\'e4\\u233? {\\*\\x y}\\par c}"},
        {"plain", "some text"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        assert_true(told_survives(&t, opener_named(text[i][0]), text[i][1],
                                  strlen(text[i][1]), 20000));
}

/* A megabyte of what costs a careless parser the square of it. */
static void test_linear(void **state)
{
    static const char *const unit[][2] = {
        {"xml", "<a "},
        {"xml", "<!--"},
        {"xml", "<![CDATA["},
        {"xml", "&"},
        {"xml", "<a b='"},
        {"json", "[\"a"},
        {"json", "{\"a\":"},
        {"rtf", "{\\rtf\\'"},
        {"ascconv", "<ParamString.\"a\">{\""},
        {"ascconv", "<Param"},
        {"ascconv", "### ASCCONV BEGIN"},
        {"ascconv", "<ParamLong.\"a\"> { <x "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof unit / sizeof *unit; i++) {
        dcr_buf b = {0};
        if (strcmp(unit[i][0], "xml") == 0)
            dcr_buf_str(&b, "<x>");
        while (b.n < 1 << 20)
            dcr_buf_str(&b, unit[i][1]);
        assert_int_not_equal(told_open(&t, opener_named(unit[i][0]), b.p, b.n),
                             DCR_ENOMEM);
        dcr_buf_clear(&b);
    }
}

static int end(void **state)
{
    (void)state;
    dcr_buf_clear(&t.lines);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sniff),        cmocka_unit_test(test_xml),
        cmocka_unit_test(test_xml_dicom),    cmocka_unit_test(test_xml_broken),
        cmocka_unit_test(test_xml_utf16),    cmocka_unit_test(test_xml_deep),
        cmocka_unit_test(test_json),         cmocka_unit_test(test_json_broken),
        cmocka_unit_test(test_json_deep),    cmocka_unit_test(test_ascconv),
        cmocka_unit_test(test_ascconv_long), cmocka_unit_test(test_ascconv_wants),
        cmocka_unit_test(test_rtf),          cmocka_unit_test(test_plain),
        cmocka_unit_test(test_padded),       cmocka_unit_test(test_long),
        cmocka_unit_test(test_growing),      cmocka_unit_test(test_trail),
        cmocka_unit_test(test_hostile),      cmocka_unit_test(test_linear),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
