/* SHA-256, its keyed form, and Merkle trees, by published test vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "sha256.h"

static void assert_hex(const dcr_digest256 *d, const char *hex)
{
    char got[DCR_SHA256_HEX];
    dcr_sha256_hex(d, got);
    assert_string_equal(got, hex);
}

/* FIPS 180-4, examples of NIST. */
static void test_plain(void **state)
{
    (void)state;
    char hex[DCR_SHA256_HEX];
    dcr_sha256 *h = dcr_sha256_new();
    dcr_digest256 d;
    dcr_sha256_hex_of("abc", 3, hex);
    assert_string_equal(
        hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    dcr_sha256_hex_of("", 0, hex);
    assert_string_equal(
        hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (int i = 0; i < 2; i++) { /* as new after each end */
        dcr_sha256_add(h, "abcdbcdecdefdefgefghfghighij", 28);
        dcr_sha256_add(h, "hijkijkljklmklmnlmnomnopnopq", 28);
        d = dcr_sha256_end(h);
        assert_hex(&d,
                   "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    }
    dcr_sha256_free(h);
}

/* RFC 4231, test case 2. */
static void test_keyed(void **state)
{
    (void)state;
    dcr_sha256 *h = dcr_sha256_new_keyed("Jefe", 4);
    dcr_digest256 d;
    for (int i = 0; i < 2; i++) {
        dcr_sha256_add(h, "what do ya want ", 16);
        dcr_sha256_add(h, "for nothing?", 12);
        d = dcr_sha256_end(h);
        assert_hex(&d,
                   "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
    dcr_sha256_free(h);
}

/* The reference tree of Certificate Transparency (RFC 6962), by number of leaves. */
static void test_merkle(void **state)
{
    (void)state;
    static const struct {
        const char *leaf;
        size_t n;
        const char *root; /* with this leaf and those before it */
    } tree[] = {
        {"", 0, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
        {"\x00", 1, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
        {"\x10", 1, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
        {"\x20\x21", 2,
         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
        {"\x30\x31", 2,
         "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
        {"\x40\x41\x42\x43", 4,
         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
        {"\x50\x51\x52\x53\x54\x55\x56\x57", 8,
         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
        {"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16,
         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
    };
    dcr_sha256 *h = dcr_sha256_new();
    dcr_merkle m = {0};
    dcr_digest256 d = dcr_merkle_root(&m, h);
    assert_hex(&d, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (size_t i = 0; i < sizeof tree / sizeof *tree; i++) {
        dcr_merkle_add(&m, h, tree[i].leaf, tree[i].n);
        d = dcr_merkle_root(&m, h);
        assert_hex(&d, tree[i].root);
    }
    dcr_sha256_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_keyed),
        cmocka_unit_test(test_merkle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
