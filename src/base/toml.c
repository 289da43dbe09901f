/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document is lines of `key = value` and `[header]`. This file reads that grammar; the parts below it:
 *
 *   toml_scan    the place in the text, blanks, comments, newlines, errors
 *   toml_string  strings
 *   toml_scalar  numbers, booleans; toml_time: dates and times
 *   toml_tree    the tables that come out, and the rules of what may be added to which
 *
 * Everything a document holds lies in one arena.
 */
#include "base/toml.h"

#include <stdlib.h>
#include <string.h>

#include "base/toml_scalar.h"
#include "base/toml_scan.h"
#include "base/toml_string.h"
#include "base/toml_tree.h"

struct wzp_toml {
    struct wzp_arena arena;
    const struct wzp_toml_table *root;
};

struct parser {
    struct wzp_toml_scan scan;
    struct wzp_toml_tree tree;
};

static enum wzp_err read_value(struct parser *parser, uint32_t depth, struct wzp_toml_value *out_value);

static bool is_bare(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static enum wzp_err read_key_text(struct wzp_toml_scan *scan, struct wzp_toml_text *out_text)
{
    if (wzp_toml_scan_peek(scan) == '"' || wzp_toml_scan_peek(scan) == '\'') {
        return wzp_toml_string_read_line(scan, out_text);
    }
    const char *start = scan->at;
    while (is_bare(wzp_toml_scan_peek(scan))) {
        scan->at++;
    }
    if (scan->at == start) {
        return wzp_toml_scan_fail(scan,
                                  "a key is missing here; keys hold letters, digits, - and _, or stand in "
                                  "\"quotes\"");
    }
    *out_text = (struct wzp_toml_text){.bytes = start, .size = (size_t)(scan->at - start)};
    return WZP_OK;
}

static enum wzp_err read_key(struct parser *parser, struct wzp_toml_key *out_key)
{
    struct wzp_toml_scan *scan = &parser->scan;
    struct wzp_toml_text text = {.bytes = ""};
    out_key->place = wzp_toml_scan_place(scan);
    enum wzp_err err = read_key_text(scan, &text);
    if (err != WZP_OK) {
        return err;
    }
    char *slot = wzp_arena_take(scan->arena, WZP_TOML_SLOT_BYTES + text.size + 1);
    if (!slot) {
        return wzp_toml_scan_no_memory(scan);
    }
    memcpy(slot + WZP_TOML_SLOT_BYTES, text.bytes, text.size);
    out_key->slot = slot;
    out_key->text = (struct wzp_toml_text){.bytes = slot + WZP_TOML_SLOT_BYTES, .size = text.size};
    return WZP_OK;
}

/* a."b".c */
static enum wzp_err read_path(struct parser *parser, struct wzp_toml_path *out_path)
{
    struct wzp_toml_scan *scan = &parser->scan;
    out_path->n = 0;
    do {
        wzp_toml_scan_skip_blanks(scan);
        if (out_path->n == wzp_count(out_path->keys)) {
            return wzp_toml_scan_over(scan, wzp_toml_scan_place(scan), WZP_TOML_MAX_DEPTH,
                                      "parts of one key");
        }
        enum wzp_err err = read_key(parser, &out_path->keys[out_path->n]);
        if (err != WZP_OK) {
            return err;
        }
        out_path->n++;
        wzp_toml_scan_skip_blanks(scan);
    } while (wzp_toml_scan_take(scan, '.'));
    return WZP_OK;
}

/* key = value, into the body. */
static enum wzp_err read_pair(struct parser *parser, const struct wzp_toml_body *body)
{
    struct wzp_toml_path path;
    enum wzp_err err = read_path(parser, &path);
    if (err != WZP_OK) {
        return err;
    }
    if (!wzp_toml_scan_take(&parser->scan, '=')) {
        return wzp_toml_scan_fail(&parser->scan, "= is missing after the key");
    }
    struct wzp_toml_node_table *table = NULL;
    err = wzp_toml_tree_step_dotted(&parser->tree, body, &path, &table);
    if (err != WZP_OK) {
        return err;
    }
    struct wzp_toml_value value = {0};
    wzp_toml_scan_skip_blanks(&parser->scan);
    err = read_value(parser, table->depth + 1, &value);
    if (err != WZP_OK) {
        return err;
    }
    return wzp_toml_tree_set(&parser->tree, table, &path.keys[path.n - 1], &value);
}

/* The pairs up to the closing brace. All of them are on one line, and no comma ends them. */
static enum wzp_err read_pairs(struct parser *parser, const struct wzp_toml_body *body)
{
    struct wzp_toml_scan *scan = &parser->scan;
    wzp_toml_scan_skip_blanks(scan);
    if (wzp_toml_scan_take(scan, '}')) {
        return WZP_OK;
    }
    do {
        enum wzp_err err = read_pair(parser, body);
        if (err != WZP_OK) {
            return err;
        }
        wzp_toml_scan_skip_blanks(scan);
    } while (wzp_toml_scan_take(scan, ','));
    if (!wzp_toml_scan_take(scan, '}')) {
        return wzp_toml_scan_fail(scan, "a comma or } is missing here; { ... } must be all on one line");
    }
    return WZP_OK;
}

/* { a = 1, b.c = 2 }; the brace stands next. */
static enum wzp_err read_inline_table(struct parser *parser, uint32_t depth, struct wzp_toml_value *value)
{
    struct wzp_toml_body body = {.section = ++parser->tree.n_sections};
    enum wzp_err err = wzp_toml_tree_make_table(&parser->tree, depth, value->place, &body.table);
    if (err != WZP_OK) {
        return err;
    }
    parser->scan.at++;
    err = read_pairs(parser, &body);
    if (err != WZP_OK) {
        return err;
    }
    body.table->origin = WZP_TOML_FROZEN;
    value->type = WZP_TOML_TABLE;
    value->table = &body.table->shown;
    return WZP_OK;
}

/* The elements up to the closing bracket; a comma may end them. */
static enum wzp_err read_elements(struct parser *parser, uint32_t depth, struct wzp_toml_node_array *array)
{
    struct wzp_toml_scan *scan = &parser->scan;
    for (;;) {
        enum wzp_err err = wzp_toml_scan_skip_all(scan);
        if (err != WZP_OK || wzp_toml_scan_take(scan, ']')) {
            return err;
        }
        struct wzp_toml_value element = {0};
        err = read_value(parser, depth + 1, &element);
        if (err != WZP_OK) {
            return err;
        }
        err = wzp_toml_tree_append(&parser->tree, array, &element);
        if (err != WZP_OK) {
            return err;
        }
        err = wzp_toml_scan_skip_all(scan);
        if (err != WZP_OK) {
            return err;
        }
        if (!wzp_toml_scan_take(scan, ',') && wzp_toml_scan_peek(scan) != ']') {
            return wzp_toml_scan_fail(scan, "a comma or ] is missing here");
        }
    }
}

static enum wzp_err read_array(struct parser *parser, uint32_t depth, struct wzp_toml_value *value)
{
    if (depth > WZP_TOML_MAX_DEPTH) {
        wzp_ignore(wzp_toml_scan_fail(&parser->scan, "more than %d levels of tables and arrays",
                                      WZP_TOML_MAX_DEPTH));
        return WZP_ELIMIT;
    }
    struct wzp_toml_node_array *array = wzp_arena_take(parser->scan.arena, sizeof *array);
    if (!array) {
        return wzp_toml_scan_no_memory(&parser->scan);
    }
    parser->scan.at++; /* the bracket */
    value->type = WZP_TOML_ARRAY;
    value->array = &array->shown;
    return read_elements(parser, depth, array);
}

/* `depth` is that of the value, should it be a table or an array. */
static enum wzp_err read_value(struct parser *parser, uint32_t depth, struct wzp_toml_value *out_value)
{
    out_value->place = wzp_toml_scan_place(&parser->scan);
    switch (wzp_toml_scan_peek(&parser->scan)) {
    case '"':
    case '\'':
        out_value->type = WZP_TOML_STRING;
        return wzp_toml_string_read(&parser->scan, &out_value->text);
    case '[':
        return read_array(parser, depth, out_value);
    case '{':
        return read_inline_table(parser, depth, out_value);
    default:
        return wzp_toml_scalar_read(&parser->scan, out_value);
    }
}

/* [a.b] or [[a.b]]; the bracket stands next. */
static enum wzp_err read_header(struct parser *parser, struct wzp_toml_node_table *root,
                                struct wzp_toml_body *body)
{
    struct wzp_toml_scan *scan = &parser->scan;
    struct wzp_toml_path path;
    scan->at++;
    bool is_element = wzp_toml_scan_take(scan, '[');
    enum wzp_err err = read_path(parser, &path);
    if (err != WZP_OK) {
        return err;
    }
    if (!wzp_toml_scan_take(scan, ']') || (is_element && !wzp_toml_scan_take(scan, ']'))) {
        return wzp_toml_scan_fail(scan, "%s is missing here", is_element ? "]]" : "]");
    }
    body->section = ++parser->tree.n_sections;
    return is_element ? wzp_toml_tree_open_element(&parser->tree, root, &path, &body->table)
                      : wzp_toml_tree_open_table(&parser->tree, root, &path, &body->table);
}

static enum wzp_err read_line(struct parser *parser, struct wzp_toml_node_table *root,
                              struct wzp_toml_body *body)
{
    struct wzp_toml_scan *scan = &parser->scan;
    enum wzp_err err =
        wzp_toml_scan_peek(scan) == '[' ? read_header(parser, root, body) : read_pair(parser, body);
    if (err != WZP_OK) {
        return err;
    }
    err = wzp_toml_scan_skip_rest(scan);
    if (err != WZP_OK) {
        return err;
    }
    if (!wzp_toml_scan_is_end(scan) && !wzp_toml_scan_is_newline(scan)) {
        return wzp_toml_scan_fail(scan, "nothing but a comment may follow on this line");
    }
    return WZP_OK;
}

static enum wzp_err read_document(struct parser *parser, const struct wzp_toml_table **out_root)
{
    struct wzp_toml_scan *scan = &parser->scan;
    struct wzp_toml_node_table *root = NULL;
    enum wzp_err err = wzp_toml_tree_make_table(&parser->tree, 0, scan->place, &root);
    if (err != WZP_OK) {
        return err;
    }
    root->origin = WZP_TOML_DEFINED;
    *out_root = &root->shown;
    struct wzp_toml_body body = {.table = root, .section = ++parser->tree.n_sections};
    for (;;) {
        err = wzp_toml_scan_skip_all(scan);
        if (err != WZP_OK || wzp_toml_scan_is_end(scan)) {
            return err;
        }
        err = read_line(parser, root, &body);
        if (err != WZP_OK) {
            return err;
        }
    }
}

static enum wzp_err parse(struct wzp_toml *toml, const char *text, size_t size, struct wzp_toml_error *error)
{
    static const char mark[] = "\xef\xbb\xbf"; /* some editors begin a file with it */
    size_t skip = size >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
    struct parser parser = {
        .scan = {.at = text + skip, .end = text + size, .counted = text + skip, .arena = &toml->arena}};
    parser.scan.place = (struct wzp_toml_place){.line = 1, .column = 1};
    parser.scan.error = error;
    if (size > WZP_TOML_MAX_BYTES) {
        return wzp_toml_scan_over(&parser.scan, parser.scan.place, WZP_TOML_MAX_BYTES, "bytes");
    }
    enum wzp_err err = wzp_toml_scan_check_encoding(&parser.scan);
    if (err != WZP_OK) {
        return err;
    }
    wzp_toml_tree_init(&parser.tree, &parser.scan);
    err = read_document(&parser, &toml->root);
    wzp_toml_tree_deinit(&parser.tree);
    return err;
}

enum wzp_err wzp_toml_read(const char *text, size_t size, struct wzp_toml **out_toml,
                           struct wzp_toml_error *out_error)
{
    WZP_AUTO(wzp_toml_freep) struct wzp_toml *toml = calloc(1, sizeof *toml);
    struct wzp_toml_error error = {0};
    if (!toml) {
        *out_error = (struct wzp_toml_error){.place = {1, 1}, .text = "out of memory"};
        return WZP_ENOMEM;
    }
    enum wzp_err err = parse(toml, text, size, &error);
    if (err != WZP_OK) {
        *out_error = error;
        return err;
    }
    *out_toml = wzp_take(toml);
    return WZP_OK;
}

void wzp_toml_free(struct wzp_toml *toml)
{
    if (toml) {
        wzp_arena_deinit(&toml->arena);
        free(toml);
    }
}

void wzp_toml_freep(struct wzp_toml **toml)
{
    wzp_toml_free(*toml);
}

const struct wzp_toml_table *wzp_toml_root(const struct wzp_toml *toml)
{
    return toml->root;
}

const struct wzp_toml_value *wzp_toml_get(const struct wzp_toml_table *table, const char *key)
{
    size_t size = strlen(key);
    for (const struct wzp_toml_entry *entry = table->first; entry; entry = entry->next) {
        if (entry->key.size == size && memcmp(entry->key.bytes, key, size) == 0) {
            return &entry->value;
        }
    }
    return NULL;
}

const char *wzp_toml_type_name(enum wzp_toml_type type)
{
    switch (type) {
    case WZP_TOML_STRING:
        return "a string";
    case WZP_TOML_INTEGER:
        return "an integer";
    case WZP_TOML_FLOAT:
        return "a number with a fraction";
    case WZP_TOML_BOOLEAN:
        return "true or false";
    case WZP_TOML_DATETIME:
        return "a date or time";
    case WZP_TOML_ARRAY:
        return "an array";
    case WZP_TOML_TABLE:
        return "a table";
    }
    return "nothing";
}
