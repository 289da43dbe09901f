/* SPDX-License-Identifier: Apache-2.0 */
/* Part of base/toml.c: tables under construction, and TOML's rules of what may be added to which. */
#pragma once

#include "base/map.h"
#include "base/toml_scan.h"

/** One part of a key such as `a."b c".d`; the tree adopts it. */
struct wzp_toml_key {
    struct wzp_toml_text text;
    struct wzp_toml_place place;
    char *slot; /* the bytes with room before them for the number of the table: the key in the tree's map */
};

#define WZP_TOML_SLOT_BYTES sizeof(uint32_t)

/** How a table came to be decides what may still be added to it. */
enum wzp_toml_origin {
    WZP_TOML_IMPLIED, /* named on the way to another by a [header]; a header of its own may follow */
    WZP_TOML_DOTTED,  /* made by a dotted key; further dotted keys of the same section may add to it */
    WZP_TOML_DEFINED, /* has had its header */
    WZP_TOML_FROZEN,  /* an { inline } table: complete */
};

struct wzp_toml_node_table {
    struct wzp_toml_table shown; /* what the reader of the document sees */
    struct wzp_toml_entry *last;
    uint32_t id;
    uint32_t depth;
    uint32_t section; /* that made a DOTTED one */
    enum wzp_toml_origin origin;
};

struct wzp_toml_node_array {
    struct wzp_toml_array shown;
    struct wzp_toml_item *last;
    struct wzp_toml_node_table *newest; /* of an array of [[tables]]; NULL in a plain array */
};

struct wzp_toml_tree {
    struct wzp_toml_scan *scan; /* for memory and errors */
    struct wzp_map entries;     /* of all tables, by table number and key */
    uint32_t n_tables;
    uint32_t n_sections;
};

void wzp_toml_tree_init(struct wzp_toml_tree *tree, struct wzp_toml_scan *scan);
void wzp_toml_tree_deinit(struct wzp_toml_tree *tree);

/** A new, empty table. */
WZP_MUST_USE enum wzp_err wzp_toml_tree_make_table(struct wzp_toml_tree *tree, uint32_t depth,
                                                   struct wzp_toml_place place,
                                                   struct wzp_toml_node_table **out_table);

/** Where keys are set now: the body of a [header] or an inline table. */
struct wzp_toml_body {
    struct wzp_toml_node_table *table;
    uint32_t section; /* unique to the body */
};

/** A key of one or more parts. */
struct wzp_toml_path {
    struct wzp_toml_key keys[WZP_TOML_MAX_DEPTH];
    size_t n;
};

/** Steps from the body over all parts but the last, making tables on the way. */
WZP_MUST_USE enum wzp_err wzp_toml_tree_step_dotted(struct wzp_toml_tree *tree,
                                                    const struct wzp_toml_body *body,
                                                    const struct wzp_toml_path *path,
                                                    struct wzp_toml_node_table **out_table);

/** Sets a key that must not be set yet. */
WZP_MUST_USE enum wzp_err wzp_toml_tree_set(struct wzp_toml_tree *tree, struct wzp_toml_node_table *table,
                                            const struct wzp_toml_key *key,
                                            const struct wzp_toml_value *value);

/** [path]: the table whose body begins. */
WZP_MUST_USE enum wzp_err wzp_toml_tree_open_table(struct wzp_toml_tree *tree,
                                                   struct wzp_toml_node_table *root,
                                                   const struct wzp_toml_path *path,
                                                   struct wzp_toml_node_table **out_table);

/** [[path]]: the same for a new element of an array of tables. */
WZP_MUST_USE enum wzp_err wzp_toml_tree_open_element(struct wzp_toml_tree *tree,
                                                     struct wzp_toml_node_table *root,
                                                     const struct wzp_toml_path *path,
                                                     struct wzp_toml_node_table **out_table);

/** Appends to an array under construction. */
WZP_MUST_USE enum wzp_err wzp_toml_tree_append(struct wzp_toml_tree *tree, struct wzp_toml_node_array *array,
                                               const struct wzp_toml_value *value);
