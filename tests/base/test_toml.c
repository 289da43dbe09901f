/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/toml.h"
#include "support/wzp_test.h"

static void dump_table(FILE *stream, const struct wzp_toml_table *table);

static void dump_array(FILE *stream, const struct wzp_toml_array *array);

/* One line of text a document, so that a table of cases shows both. */
static void dump_value(FILE *stream, const struct wzp_toml_value *value)
{
    switch (value->type) {
    case WZP_TOML_STRING:
        (void)fprintf(stream, "'%.*s'", (int)value->text.size, value->text.bytes);
        return;
    case WZP_TOML_DATETIME:
        (void)fprintf(stream, "@%s", value->text.bytes);
        return;
    case WZP_TOML_INTEGER:
        (void)fprintf(stream, "%" PRId64, value->integer);
        return;
    case WZP_TOML_FLOAT:
        (void)fprintf(stream, "%.6gf", value->number);
        return;
    case WZP_TOML_BOOLEAN:
        (void)fputs(value->boolean ? "true" : "false", stream);
        return;
    case WZP_TOML_ARRAY:
        dump_array(stream, value->array);
        return;
    case WZP_TOML_TABLE:
        dump_table(stream, value->table);
        return;
    }
}

static void dump_array(FILE *stream, const struct wzp_toml_array *array)
{
    size_t n = 0;
    (void)fputc('[', stream);
    for (const struct wzp_toml_item *item = array->first; item; item = item->next) {
        (void)fputs(n++ > 0 ? "," : "", stream);
        dump_value(stream, &item->value);
    }
    (void)fputc(']', stream);
    assert_int_equal(n, array->n);
}

static void dump_table(FILE *stream, const struct wzp_toml_table *table)
{
    size_t n = 0;
    (void)fputc('{', stream);
    for (const struct wzp_toml_entry *entry = table->first; entry; entry = entry->next) {
        (void)fprintf(stream, "%s%s=", n++ > 0 ? "," : "", entry->key.bytes);
        dump_value(stream, &entry->value);
    }
    (void)fputc('}', stream);
    assert_int_equal(n, table->n);
}

static void assert_reads_as(const char *document, const char *expected)
{
    struct wzp_toml *toml = NULL;
    struct wzp_toml_error error = {0};
    char text[1024] = "";
    if (wzp_toml_read(document, strlen(document), &toml, &error) != WZP_OK) {
        fail_msg("%s\n%u:%u: %s", document, error.place.line, error.place.column, error.text);
    }
    FILE *stream = fmemopen(text, sizeof text, "w");
    assert_non_null(stream);
    dump_table(stream, wzp_toml_root(toml));
    assert_int_equal(fclose(stream), 0);
    assert_string_equal(text, expected);
    wzp_toml_free(toml);
}

static const struct {
    const char *document, *expected;
} valid[] = {
    {"", "{}"},
    {"# only a comment", "{}"},
    {"\xef\xbb\xbf"
     "a = 1",
     "{a=1}"},
    {"a = 1\r\nb = 2 # two\n\n\t c=3", "{a=1,b=2,c=3}"},
    /* keys */
    {"bare-key_1 = 1\n1234 = 2", "{bare-key_1=1,1234=2}"},
    {"\"a b\" = 1\n'c\\d' = 2\n\"\" = 3\n\"\\u00e9\" = 4", "{a b=1,c\\d=2,=3,\xc3\xa9=4}"},
    {"a.b . \"c\".'d' = 1\na.e = 2", "{a={b={c={d=1}},e=2}}"},
    {"3.14 = 1", "{3={14=1}}"},
    /* strings */
    {"s = \"\\b\\t\\n\\f\\r\\\"\\\\\"", "{s='\b\t\n\f\r\"\\'}"},
    {"s = \"\\u00e9\\u20ac\\U0001F600\\U00000041\"", "{s='\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"
                                                     "A'}"},
    {"s = '\\no \"escapes\"'", "{s='\\no \"escapes\"'}"},
    {"s = \"\"\"\nfirst\r\nsecond\"\"\"", "{s='first\nsecond'}"},
    {"s = \"\"\"one \\   \n\n   two \\\r\n three\"\"\"", "{s='one two three'}"},
    {"s = \"\"\"\"\"two\"\" quotes\"\"\"\"\"", "{s='\"\"two\"\" quotes\"\"'}"},
    {"s = '''\n\\n 'raw' '''''", "{s='\\n 'raw' '''}"},
    {"s = \"\"\nt = ''\nu = \"\"\"\"\"\"\nv = ''''''", "{s='',t='',u='',v=''}"},
    {"s = \"tab\there\"", "{s='tab\there'}"},
    /* numbers */
    {"a = +99\nb = -17\nc = 0\nd = -0\ne = 1_000", "{a=99,b=-17,c=0,d=0,e=1000}"},
    {"a = 9223372036854775807\nb = -9223372036854775808", "{a=9223372036854775807,b=-9223372036854775808}"},
    {"a = 0xDEAD_beef\nb = 0o755\nc = 0b1101_0110\nd = 0x00ff", "{a=3735928559,b=493,c=214,d=255}"},
    {"a = 1.5\nb = -0.01\nc = 5e+22\nd = 1e06\ne = 6.6E-3\nf = 1_0.2_5",
     "{a=1.5f,b=-0.01f,c=5e+22f,d=1e+06f,e=0.0066f,f=10.25f}"},
    {"a = inf\nb = -inf\nc = +inf", "{a=inff,b=-inff,c=inff}"},
    {"a = true\nb = false", "{a=true,b=false}"},
    /* dates and times */
    {"a = 1979-05-27T07:32:00Z\nb = 1979-05-27 00:32:00.999999-07:00",
     "{a=@1979-05-27T07:32:00Z,b=@1979-05-27 00:32:00.999999-07:00}"},
    {"a = 1979-05-27T07:32:00\nb = 2000-02-29 # leap\nc = 23:59:60",
     "{a=@1979-05-27T07:32:00,b=@2000-02-29,c=@23:59:60}"},
    /* arrays */
    {"a = []\nb = [ 1, 2, ]\nc = [ # comment\n 'x',\n\n [true], {y = 1.0}\n]",
     "{a=[],b=[1,2],c=['x',[true],{y=1f}]}"},
    /* tables */
    {"[a]\nx = 1\n[b]\n[a.c]\ny = 2", "{a={x=1,c={y=2}},b={}}"},
    {"[ a . 'b' ] # c\nx = 1\n[a]\ny = 2", "{a={b={x=1},y=2}}"},
    {"[x.y.z]\n[x]\n", "{x={y={z={}}}}"},
    {"[fruit]\napple.color = 1\napple.taste.sweet = true\n[fruit.apple.texture]\nsmooth = true",
     "{fruit={apple={color=1,taste={sweet=true},texture={smooth=true}}}}"},
    {"p = { x = 1, y.z = 2, y.w = {} }\nq = {}", "{p={x=1,y={z=2,w={}}},q={}}"},
    {"[[p]]\nn = 1\n[[p]]\n[[p]]\nn = 3\n[p.sub]\nk = 4\n[[p.list]]",
     "{p=[{n=1},{},{n=3,sub={k=4},list=[{}]}]}"},
    {"[[a.b]]\n[a.b.c]\nx = 1\n[[a.b]]\n[a.b.c]\nx = 2", "{a={b=[{c={x=1}},{c={x=2}}]}}"},
};

static void valid_documents_read_as_what_they_mean(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(valid); i++) {
        assert_reads_as(valid[i].document, valid[i].expected);
    }
}

static void not_a_number_is_a_number(void **state)
{
    (void)state;
    struct wzp_toml *toml = NULL;
    struct wzp_toml_error error;
    assert_ok(wzp_toml_read("a = -nan", 8, &toml, &error));
    assert_true(isnan(wzp_toml_get(wzp_toml_root(toml), "a")->number));
    wzp_toml_free(toml);
}

#define ESCAPE_HINT "there is no such escape; write \\\\ for a backslash, or put the text in 'single quotes'"
#define KEY_HINT    "a key is missing here; keys hold letters, digits, - and _, or stand in \"quotes\""

static const struct {
    const char *document;
    uint32_t line, column;
    const char *text;
} invalid[] = {
    /* lines and keys */
    {"a", 1, 2, "= is missing after the key"},
    {"a b = 1", 1, 3, "= is missing after the key"},
    {"= 1", 1, 1, KEY_HINT},
    {"a. = 1", 1, 4, KEY_HINT},
    {"\xc3\xa9 = 1", 1, 1, KEY_HINT},
    {"\"\"\"a\"\"\" = 1", 1, 3, "= is missing after the key"},
    {"a = 1 b = 2", 1, 7, "nothing but a comment may follow on this line"},
    {"\n\n  a =", 3, 6, "a value is missing here"},
    {"a = # none", 1, 5, "a value is missing here"},
    {"a = ,", 1, 5, "this is not a value"},
    {"a = 1\na = 2", 2, 1, "\"a\" is set twice (first in line 1)"},
    {"a = 1\n\"\\u0061\" = 2", 2, 1, "\"a\" is set twice (first in line 1)"},
    {"a = 1\na.b = 2", 2, 1,
     "\"a\" is set already, and not a table that a dotted key can add to (first in line 1)"},
    {"a = {b = 1}\na.c = 2", 2, 1,
     "\"a\" is a complete table, a dotted key can't add to it (first in line 1)"},
    {"[a.b]\n[a]\nb.c = 2", 3, 1,
     "\"b\" is a complete table, a dotted key can't add to it (first in line 1)"},
    {"# \x01", 1, 3, "a comment can't hold the control character U+0001"},
    {"a = 1\rb = 2", 1, 6, "nothing but a comment may follow on this line"},
    /* encoding; the column counts characters */
    {"# \xc3\xa9\na = \"\xc3\xa9\xff\"", 2, 7, "this byte (0xff) is not UTF-8; save the file as UTF-8"},
    {"a = \"\xed\xa0\x80\"", 1, 6, "this byte (0xed) is not UTF-8; save the file as UTF-8"},
    {"\"\xc3\xa9\xe2\x82\xac\" = x", 1, 8, "x is not a value; texts stand in \"quotes\""},
    /* strings */
    {"a = \"b", 1, 5, "this string is not closed"},
    {"a = \"b\nc\"", 1, 5, "this string has no closing \" on its line"},
    {"a = 'b\nc'", 1, 5, "this string has no closing ' on its line"},
    {"a = \"\"\"b\n\"\"", 1, 5, "this string is not closed"},
    {"a = \"C:\\windows\"", 1, 8, ESCAPE_HINT},
    {"a = \"\\x41\"", 1, 6, ESCAPE_HINT},
    {"a = \"\\", 1, 6, ESCAPE_HINT},
    {"a = \"\"\"\\ x\"\"\"", 1, 8, ESCAPE_HINT},
    {"a = \"\\u12\"", 1, 6, "this escape needs 4 hexadecimal digits"},
    {"a = \"\\U0001F60\"", 1, 6, "this escape needs 8 hexadecimal digits"},
    {"a = \"\\ud800\"", 1, 6, "U+D800 is not a Unicode character"},
    {"a = \"\\U00110000\"", 1, 6, "U+110000 is not a Unicode character"},
    {"a = \"\x7f\"", 1, 6, "a string can't hold the control character U+007F as it is"},
    /* numbers */
    {"a = general", 1, 5, "general is not a value; texts stand in \"quotes\""},
    {"a = True", 1, 5, "True is not a value; texts stand in \"quotes\""},
    {"a = 0.0.0.0:4433", 1, 5, "0.0.0.0:4433 is not a number; texts stand in \"quotes\""},
    {"a = 007", 1, 5, "007 is not a number: it can't start with 0"},
    {"a = 1__0", 1, 5, "1__0 is not a number: underscores stand between digits"},
    {"a = 0x_1", 1, 5, "0x_1 is not a number: underscores stand between digits"},
    {"a = 1_", 1, 5, "1_ is not a number: underscores stand between digits"},
    {"a = 0b12", 1, 5, "0b12 is not a number; texts stand in \"quotes\""},
    {"a = -0x1", 1, 5, "-0x1 is not a number; texts stand in \"quotes\""},
    {"a = 9223372036854775808", 1, 5, "9223372036854775808 is not a number of 64 bits"},
    {"a = -9223372036854775809", 1, 5, "-9223372036854775809 is not a number of 64 bits"},
    {"a = 0x8000000000000000", 1, 5, "0x8000000000000000 is not a number of 64 bits"},
    {"a = 1.", 1, 5, "1. is not a number; texts stand in \"quotes\""},
    {"a = .5", 1, 5, ".5 is not a value; texts stand in \"quotes\""},
    {"a = 1.e5", 1, 5, "1.e5 is not a number; texts stand in \"quotes\""},
    {"a = 1e", 1, 5, "1e is not a number; texts stand in \"quotes\""},
    {"a = +", 1, 5, "+ is not a number"},
    /* dates */
    {"a = 1979-02-30", 1, 5, "1979-02-30 is not an existing date or time"},
    {"a = 1900-02-29", 1, 5, "1900-02-29 is not an existing date or time"},
    {"a = 1979-05-27T07:32", 1, 5, "1979-05-27T07:32 is not an existing date or time"},
    {"a = 24:00:00", 1, 5, "24:00:00 is not an existing date or time"},
    {"a = 1979-05-27 07:32:00+25:00", 1, 5, "1979-05-27 07:32:00+25:00 is not an existing date or time"},
    {"a = 07:32:00.", 1, 5, "07:32:00. is not an existing date or time"},
    /* arrays and inline tables */
    {"a = [1 2]", 1, 8, "a comma or ] is missing here"},
    {"a = [1,\n\n", 3, 1, "a value is missing here"},
    {"a = [,]", 1, 6, "this is not a value"},
    {"a = {b = 1,}", 1, 12, KEY_HINT},
    {"a = {b = 1\n}", 1, 11, "a comma or } is missing here; { ... } must be all on one line"},
    {"a = {b = 1, b = 2}", 1, 13, "\"b\" is set twice (first in line 1)"},
    {"a = {b = {c = 1}, b.d = 2}", 1, 19,
     "\"b\" is a complete table, a dotted key can't add to it (first in line 1)"},
    /* headers */
    {"[a", 1, 3, "] is missing here"},
    {"[[a]", 1, 5, "]] is missing here"},
    {"[]", 1, 2, KEY_HINT},
    {"[a] b = 1", 1, 5, "nothing but a comment may follow on this line"},
    {"[a]\n[a]", 2, 2, "\"a\" is set already, all of a table stands in one place (first in line 1)"},
    {"[a]\nb.c = 1\n[a.b]", 3, 4,
     "\"b\" is set already, all of a table stands in one place (first in line 2)"},
    {"a = 1\n[a]", 2, 2, "\"a\" is set already (first in line 1)"},
    {"a = 1\n[a.b]", 2, 2,
     "\"a\" is set already, and not a table that a header can add to (first in line 1)"},
    {"a = {}\n[a.b]", 2, 2,
     "\"a\" is set already, and not a table that a header can add to (first in line 1)"},
    {"[[a]]\n[a]", 2, 2, "\"a\" is an array of tables: write [[...]] (first in line 1)"},
    {"[a]\n[[a]]", 2, 3, "\"a\" is set already, and not an array of [[tables]] (first in line 1)"},
    {"a = [{}]\n[[a]]", 2, 3, "\"a\" is set already, and not an array of [[tables]] (first in line 1)"},
    {"a = [{}]\n[a.b]", 2, 2,
     "\"a\" is set already, and not a table that a header can add to (first in line 1)"},
    {"[[a.b]]\n[a]\nb.c = 1", 3, 1,
     "\"b\" is set already, and not a table that a dotted key can add to (first in line 1)"},
    {"\"a\\nb\" = 1\n\"a\\nb\" = 2", 2, 1, "\"a?b\" is set twice (first in line 1)"},
};

static void invalid_documents_are_refused_with_place_and_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(invalid); i++) {
        struct wzp_toml *toml = NULL;
        struct wzp_toml_error error = {0};
        enum wzp_err err = wzp_toml_read(invalid[i].document, strlen(invalid[i].document), &toml, &error);
        if (err != WZP_EMALFORMED || error.place.line != invalid[i].line ||
            error.place.column != invalid[i].column || strcmp(error.text, invalid[i].text) != 0) {
            fail_msg("%s\nexpected %u:%u: %s\nfound    %u:%u: %s", invalid[i].document, invalid[i].line,
                     invalid[i].column, invalid[i].text, error.place.line, error.place.column, error.text);
        }
        assert_null(toml);
    }
}

static void a_zero_byte_is_refused(void **state)
{
    (void)state;
    static const char *const documents[] = {"a = 1\0", "a = \0 ", "\0a = 1", "a = '\0'", "# \0    "};
    for (size_t i = 0; i < wzp_count(documents); i++) {
        struct wzp_toml *toml = NULL;
        struct wzp_toml_error error;
        assert_int_equal(wzp_toml_read(documents[i], i == 3 ? 7 : 6, &toml, &error), WZP_EMALFORMED);
    }
}

/* Each start of a document that reads at all must read without touching what is behind it. */
static void every_truncation_reads_or_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < wzp_count(valid); i++) {
        size_t size = strlen(valid[i].document);
        for (size_t n = 0; n < size; n++) {
            char *cut = malloc(n + 1);
            assert_non_null(cut);
            memcpy(cut, valid[i].document, n);
            cut[n] = '9'; /* as good as any digit to run into */
            struct wzp_toml *toml = NULL;
            struct wzp_toml_error error;
            if (wzp_toml_read(cut, n, &toml, &error) == WZP_OK) {
                wzp_toml_free(toml);
            } else {
                assert_true(error.place.line >= 1 && error.place.column >= 1 && error.text[0]);
            }
            free(cut);
        }
    }
}

static void entries_know_where_they_stand(void **state)
{
    (void)state;
    static const char document[] = "# \xc3\xa9\n  a = [1,\n   'x']\n[[t]]\n\"\xc3\xa9\" =  true";
    struct wzp_toml *toml = NULL;
    struct wzp_toml_error error;
    assert_ok(wzp_toml_read(document, sizeof document - 1, &toml, &error));
    const struct wzp_toml_entry *a = wzp_toml_root(toml)->first;
    assert_int_equal(a->place.line, 2);
    assert_int_equal(a->place.column, 3);
    assert_int_equal(a->value.place.column, 7);
    const struct wzp_toml_item *x = a->value.array->first->next;
    assert_int_equal(x->value.place.line, 3);
    assert_int_equal(x->value.place.column, 4);
    const struct wzp_toml_value *t = wzp_toml_get(wzp_toml_root(toml), "t");
    assert_int_equal(t->place.line, 4);
    assert_int_equal(t->place.column, 3);
    const struct wzp_toml_value *e = wzp_toml_get(t->array->first->value.table, "\xc3\xa9");
    assert_int_equal(e->place.line, 5);
    assert_int_equal(e->place.column, 8);
    assert_null(wzp_toml_get(wzp_toml_root(toml), "nothing"));
    wzp_toml_free(toml);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_documents_read_as_what_they_mean),
        cmocka_unit_test(not_a_number_is_a_number),
        cmocka_unit_test(invalid_documents_are_refused_with_place_and_reason),
        cmocka_unit_test(a_zero_byte_is_refused),
        cmocka_unit_test(every_truncation_reads_or_is_refused),
        cmocka_unit_test(entries_know_where_they_stand),
    };
    return cmocka_run_group_tests_name("base_toml", tests, NULL, NULL);
}
