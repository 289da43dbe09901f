/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All tables of a document share one map, whose keys are the number of the table and the key in it. So
 * finding a key costs the same in a file of any size.
 *
 *            [header] on the way   [header] at its end     dotted key on the way
 *   (none)   makes IMPLIED         makes DEFINED           makes DOTTED
 *   IMPLIED  passes                becomes DEFINED         becomes DOTTED
 *   DOTTED   passes                refused                 passes in its own section
 *   DEFINED  passes                refused                 refused
 *   FROZEN   refused               refused                 refused
 */
#include "base/toml_tree.h"

#include <string.h>

#define SHOWN_BYTES 48 /* of a key in a message */

/* An entry, and the node behind its value where that is a table or an array. */
struct node {
    struct wzp_toml_entry shown;
    struct wzp_toml_node_table *table;
    struct wzp_toml_node_array *array;
};

void wzp_toml_tree_init(struct wzp_toml_tree *tree, struct wzp_toml_scan *scan)
{
    /* The keys are an operator's: no need for a secret hash key. Every entry takes two bytes of text or more.
     */
    const struct wzp_hash_key hash_key = {{0x77617270, 0x746f6d6c}};
    *tree = (struct wzp_toml_tree){.scan = scan};
    wzp_map_init(&tree->entries, &hash_key, WZP_TOML_MAX_BYTES);
}

void wzp_toml_tree_deinit(struct wzp_toml_tree *tree)
{
    wzp_map_deinit(&tree->entries);
}

/* How many bytes of the key fit a message, cut at a character. */
static int shown_size(const struct wzp_toml_text *text)
{
    size_t size = wzp_min_size(text->size, SHOWN_BYTES);
    while (size > 0 && size < text->size && ((unsigned char)text->bytes[size] & 0xc0) == 0x80) {
        size--;
    }
    return (int)size;
}

static enum wzp_err fail(struct wzp_toml_tree *tree, const struct wzp_toml_key *key, const char *what,
                         const struct node *first)
{
    return wzp_toml_scan_fail_at(tree->scan, key->place, "\"%.*s\" %s (first in line %u)",
                                 shown_size(&key->text), key->text.bytes, what,
                                 (unsigned)first->shown.place.line);
}

enum wzp_err wzp_toml_tree_make_table(struct wzp_toml_tree *tree, uint32_t depth, struct wzp_toml_place place,
                                      struct wzp_toml_node_table **out_table)
{
    if (depth > WZP_TOML_MAX_DEPTH) {
        return wzp_toml_scan_over(tree->scan, place, WZP_TOML_MAX_DEPTH, "levels of tables and arrays");
    }
    struct wzp_toml_node_table *table = wzp_arena_take(tree->scan->arena, sizeof *table);
    if (!table) {
        return wzp_toml_scan_no_memory(tree->scan);
    }
    table->id = tree->n_tables++;
    table->depth = depth;
    *out_table = table;
    return WZP_OK;
}

static struct node *find(const struct wzp_toml_tree *tree, const struct wzp_toml_node_table *table,
                         const struct wzp_toml_key *key)
{
    memcpy(key->slot, &table->id, WZP_TOML_SLOT_BYTES);
    return wzp_map_get(&tree->entries, key->slot, WZP_TOML_SLOT_BYTES + key->text.size);
}

/* Adds an entry that find() did not find; NULL where memory is out. */
static struct node *add(struct wzp_toml_tree *tree, struct wzp_toml_node_table *table,
                        const struct wzp_toml_key *key)
{
    struct node *node = wzp_arena_take(tree->scan->arena, sizeof *node);
    if (!node ||
        wzp_map_add(&tree->entries, key->slot, WZP_TOML_SLOT_BYTES + key->text.size, node) != WZP_OK) {
        return NULL;
    }
    node->shown.key = key->text;
    node->shown.place = key->place;
    if (table->last) {
        table->last->next = &node->shown;
    } else {
        table->shown.first = &node->shown;
    }
    table->last = &node->shown;
    table->shown.n++;
    return node;
}

static enum wzp_err add_table(struct wzp_toml_tree *tree, struct wzp_toml_node_table *parent,
                              const struct wzp_toml_key *key, struct wzp_toml_node_table **out_table)
{
    enum wzp_err err = wzp_toml_tree_make_table(tree, parent->depth + 1, key->place, out_table);
    if (err != WZP_OK) {
        return err;
    }
    struct node *node = add(tree, parent, key);
    if (!node) {
        return wzp_toml_scan_no_memory(tree->scan);
    }
    node->table = *out_table;
    node->shown.value =
        (struct wzp_toml_value){.type = WZP_TOML_TABLE, .place = key->place, .table = &node->table->shown};
    return WZP_OK;
}

static enum wzp_err step_dotted(struct wzp_toml_tree *tree, struct wzp_toml_node_table **table,
                                const struct wzp_toml_key *key, uint32_t section)
{
    struct node *node = find(tree, *table, key);
    if (!node) {
        enum wzp_err err = add_table(tree, *table, key, table);
        if (err != WZP_OK) {
            return err;
        }
    } else if (!node->table) {
        return fail(tree, key, "is set already, and not a table that a dotted key can add to", node);
    } else {
        *table = node->table;
        bool is_open = (*table)->origin == WZP_TOML_IMPLIED ||
                       ((*table)->origin == WZP_TOML_DOTTED && (*table)->section == section);
        if (!is_open) {
            return fail(tree, key, "is a complete table, a dotted key can't add to it", node);
        }
    }
    (*table)->origin = WZP_TOML_DOTTED;
    (*table)->section = section;
    return WZP_OK;
}

enum wzp_err wzp_toml_tree_step_dotted(struct wzp_toml_tree *tree, const struct wzp_toml_body *body,
                                       const struct wzp_toml_path *path,
                                       struct wzp_toml_node_table **out_table)
{
    struct wzp_toml_node_table *table = body->table;
    for (size_t i = 0; i + 1 < path->n; i++) {
        enum wzp_err err = step_dotted(tree, &table, &path->keys[i], body->section);
        if (err != WZP_OK) {
            return err;
        }
    }
    *out_table = table;
    return WZP_OK;
}

enum wzp_err wzp_toml_tree_set(struct wzp_toml_tree *tree, struct wzp_toml_node_table *table,
                               const struct wzp_toml_key *key, const struct wzp_toml_value *value)
{
    struct node *node = find(tree, table, key);
    if (node) {
        return fail(tree, key, "is set twice", node);
    }
    node = add(tree, table, key);
    if (!node) {
        return wzp_toml_scan_no_memory(tree->scan);
    }
    node->shown.value = *value;
    if (value->type == WZP_TOML_TABLE) {
        node->table = wzp_container(value->table, struct wzp_toml_node_table, shown);
    }
    return WZP_OK;
}

static enum wzp_err step_header(struct wzp_toml_tree *tree, struct wzp_toml_node_table **table,
                                const struct wzp_toml_key *key)
{
    struct node *node = find(tree, *table, key);
    if (!node) {
        return add_table(tree, *table, key, table);
    }
    if (node->array) {
        *table = node->array->newest;
        return WZP_OK;
    }
    if (!node->table || node->table->origin == WZP_TOML_FROZEN) {
        return fail(tree, key, "is set already, and not a table that a header can add to", node);
    }
    *table = node->table;
    return WZP_OK;
}

/* The table that holds the last part of the path. */
static enum wzp_err walk_header(struct wzp_toml_tree *tree, struct wzp_toml_node_table *root,
                                const struct wzp_toml_path *path, struct wzp_toml_node_table **out_parent)
{
    *out_parent = root;
    for (size_t i = 0; i + 1 < path->n; i++) {
        enum wzp_err err = step_header(tree, out_parent, &path->keys[i]);
        if (err != WZP_OK) {
            return err;
        }
    }
    return WZP_OK;
}

enum wzp_err wzp_toml_tree_open_table(struct wzp_toml_tree *tree, struct wzp_toml_node_table *root,
                                      const struct wzp_toml_path *path,
                                      struct wzp_toml_node_table **out_table)
{
    const struct wzp_toml_key *key = &path->keys[path->n - 1];
    struct wzp_toml_node_table *parent = NULL;
    enum wzp_err err = walk_header(tree, root, path, &parent);
    if (err != WZP_OK) {
        return err;
    }
    const struct node *node = find(tree, parent, key);
    if (!node) {
        err = add_table(tree, parent, key, out_table);
        if (err != WZP_OK) {
            return err;
        }
    } else if (!node->table) {
        return fail(tree, key, node->array ? "is an array of tables: write [[...]]" : "is set already", node);
    } else if (node->table->origin != WZP_TOML_IMPLIED) {
        return fail(tree, key, "is set already, all of a table stands in one place", node);
    } else {
        *out_table = node->table;
    }
    (*out_table)->origin = WZP_TOML_DEFINED;
    return WZP_OK;
}

/* NULL where memory is out. */
static struct node *add_array(struct wzp_toml_tree *tree, struct wzp_toml_node_table *parent,
                              const struct wzp_toml_key *key)
{
    struct wzp_toml_node_array *array = wzp_arena_take(tree->scan->arena, sizeof *array);
    struct node *node = array ? add(tree, parent, key) : NULL;
    if (!node) {
        return NULL;
    }
    node->array = array;
    node->shown.value =
        (struct wzp_toml_value){.type = WZP_TOML_ARRAY, .place = key->place, .array = &array->shown};
    return node;
}

enum wzp_err wzp_toml_tree_open_element(struct wzp_toml_tree *tree, struct wzp_toml_node_table *root,
                                        const struct wzp_toml_path *path,
                                        struct wzp_toml_node_table **out_table)
{
    const struct wzp_toml_key *key = &path->keys[path->n - 1];
    struct wzp_toml_node_table *parent = NULL;
    enum wzp_err err = walk_header(tree, root, path, &parent);
    if (err != WZP_OK) {
        return err;
    }
    struct node *node = find(tree, parent, key);
    if (!node) {
        node = add_array(tree, parent, key);
    }
    if (!node) {
        return wzp_toml_scan_no_memory(tree->scan);
    }
    if (!node->array) {
        return fail(tree, key, "is set already, and not an array of [[tables]]", node);
    }
    err = wzp_toml_tree_make_table(tree, parent->depth + 2, key->place,
                                   out_table); /* the array is a level too */
    if (err != WZP_OK) {
        return err;
    }
    (*out_table)->origin = WZP_TOML_DEFINED;
    node->array->newest = *out_table;
    const struct wzp_toml_value value = {
        .type = WZP_TOML_TABLE, .place = key->place, .table = &(*out_table)->shown};
    return wzp_toml_tree_append(tree, node->array, &value);
}

enum wzp_err wzp_toml_tree_append(struct wzp_toml_tree *tree, struct wzp_toml_node_array *array,
                                  const struct wzp_toml_value *value)
{
    struct wzp_toml_item *item = wzp_arena_take(tree->scan->arena, sizeof *item);
    if (!item) {
        return wzp_toml_scan_no_memory(tree->scan);
    }
    item->value = *value;
    if (array->last) {
        array->last->next = item;
    } else {
        array->shown.first = item;
    }
    array->last = item;
    array->shown.n++;
    return WZP_OK;
}
