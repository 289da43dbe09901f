/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "crypto/mnemonic.h"
#include "crypto/wordlist.h"
#include "support/wzp_test.h"

/* The 24-word vectors of https://github.com/trezor/python-mnemonic, and seed 00 01 ... 1f by that program. */
static const struct {
    const char *seed, *words;
} vectors[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000",
     "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
     "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
     "abandon art"},
    {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
     "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo "
     "zoo vote"},
    {"7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f",
     "legal winner thank year wave sausage worth useful legal winner thank year wave sausage "
     "worth useful legal winner thank year wave sausage worth title"},
    {"8080808080808080808080808080808080808080808080808080808080808080",
     "letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount "
     "doctor acoustic avoid letter advice cage absurd amount doctor acoustic bless"},
    {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "abandon amount liar amount expire adjust cage candy arch gather drum bullet absurd math "
     "era live bid rhythm alien crouch range attend journey unaware"},
    {"68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c",
     "hamster diagram private dutch cause delay private meat slide toddler razor book happy "
     "fancy gospel tennis maple dilemma loan word shrug inflict delay length"},
};

#define ART_23                                                                                               \
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "       \
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "

static void words_and_seeds_turn_into_each_other(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(vectors); i++) {
        uint8_t expected[WZP_SEED_BYTES];
        uint8_t seed[WZP_SEED_BYTES];
        char words[WZP_MNEMONIC_TEXT_BYTES];
        char problem[WZP_MNEMONIC_PROBLEM_BYTES] = "";
        assert_ok(wzp_hex_read(vectors[i].seed, expected, sizeof expected));
        wzp_mnemonic_write(expected, words);
        assert_string_equal(words, vectors[i].words);
        assert_ok(wzp_mnemonic_read(vectors[i].words, seed, problem));
        assert_memory_equal(seed, expected, sizeof seed);
    }
}

static void case_and_blanks_do_not_matter(void **state)
{
    (void)state;
    uint8_t seed[WZP_SEED_BYTES];
    char problem[WZP_MNEMONIC_PROBLEM_BYTES];
    char text[512] = "  \t";
    size_t used = strlen(text);
    for (const char *c = vectors[0].words; *c; c++) {
        if (*c == ' ') {
            text[used++] = '\r';
            text[used++] = '\n';
        }
        text[used++] = *c == 'a' ? 'A' : *c;
    }
    text[used] = '\0';
    assert_ok(wzp_mnemonic_read(text, seed, problem));
    assert_int_equal(seed[31], 0);
}

static const struct {
    const char *words, *problem;
} wrong[] = {
    {"", "0 words given, a seed has 24"},
    {"abandon", "1 word given, a seed has 24"},
    {ART_23, "23 words given, a seed has 24"},
    {ART_23 "art art", "25 words given, a seed has 24"},
    {ART_23 "abandon", "the checksum is wrong: all words are known, but one is another's or out of order"},
    {"abandon abandn able", "word 2, \"abandn\", is not in the BIP-39 list; did you mean \"abandon\"?"},
    {"abandon Qqqqqqqq", "word 2, \"qqqqqqqq\", is not in the English BIP-39 list"},
    {"\xff", "word 1, \"\", is not in the English BIP-39 list"},
    {"abandonabandonabandonabandonabandonabandon",
     "word 1, \"abandonabandonabandonabandonaba\", is not in the English BIP-39 list"},
};

static void a_mistake_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(wrong); i++) {
        uint8_t seed[WZP_SEED_BYTES];
        char problem[WZP_MNEMONIC_PROBLEM_BYTES] = "";
        assert_int_equal(wzp_mnemonic_read(wrong[i].words, seed, problem), WZP_EMALFORMED);
        assert_string_equal(problem, wrong[i].problem);
    }
}

/* The search is by halves, so the list must be sorted; and every word must fit the sizes of the header. */
static void the_list_is_sorted_and_its_words_are_short(void **state)
{
    (void)state;
    for (size_t i = 0; i < WZP_WORDLIST_WORDS; i++) {
        assert_true(strlen(wzp_wordlist[i]) < WZP_WORDLIST_WORD_BYTES);
        assert_true(i == 0 || strcmp(wzp_wordlist[i - 1], wzp_wordlist[i]) < 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_seeds_turn_into_each_other),
        cmocka_unit_test(case_and_blanks_do_not_matter),
        cmocka_unit_test(a_mistake_is_named),
        cmocka_unit_test(the_list_is_sorted_and_its_words_are_short),
    };
    return cmocka_run_group_tests_name("crypto_mnemonic", tests, NULL, NULL);
}
