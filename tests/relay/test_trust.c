/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/trust.h"
#include "support/wzp_test.h"

/* The configuration of the table below: fingerprints are one byte repeated. */
enum { PEER = 1, PEER_BY_WORD, TRUSTED, TRUSTED_BY_WORD, STRANGER, OWN };

static char peer_url[] = "192.0.2.1:4433";
static char word_url[] = "192.0.2.2:4433";
static char host_url[] = "relay.example:4433";

static struct wzp_relay_link_config peers[] = {
    {.url = peer_url},
    {.url = word_url, .allow_unverified = true},
    {.url = host_url, .allow_unverified = true},
};
static struct wzp_relay_link_config trusted[] = {
    {.allow_unverified = false},
    {.allow_unverified = true},
};

static int set_up(void **state)
{
    (void)state;
    memset(peers[0].fingerprint, PEER, WZP_FINGERPRINT_BYTES);
    memset(peers[1].fingerprint, PEER_BY_WORD, WZP_FINGERPRINT_BYTES);
    memset(peers[2].fingerprint, 99, WZP_FINGERPRINT_BYTES);
    memset(trusted[0].fingerprint, TRUSTED, WZP_FINGERPRINT_BYTES);
    memset(trusted[1].fingerprint, TRUSTED_BY_WORD, WZP_FINGERPRINT_BYTES);
    return 0;
}

static const struct {
    const char *name;
    int shown; /* 0: no certificate */
    int claimed;
    const char *from;
    enum wzp_trust trust;
    int counts_as;
} rows[] = {
    {"a peer that proves itself", PEER, PEER, "198.51.100.9:1", WZP_TRUST_VERIFIED, PEER},
    {"a trusted relay from anywhere", TRUSTED, TRUSTED, "[2001:db8::1]:1", WZP_TRUST_VERIFIED, TRUSTED},
    {"a proof beats allow_unverified", PEER_BY_WORD, PEER_BY_WORD, "198.51.100.9:1", WZP_TRUST_VERIFIED,
     PEER_BY_WORD},
    {"a claim that the certificate contradicts", STRANGER, TRUSTED, "192.0.2.1:1", WZP_TRUST_MISMATCH,
     STRANGER},
    {"a trusted certificate that claims to be another", TRUSTED, PEER, "192.0.2.1:1", WZP_TRUST_MISMATCH,
     TRUSTED},
    {"a stranger with a certificate", STRANGER, STRANGER, "192.0.2.2:1", WZP_TRUST_UNKNOWN, STRANGER},
    {"a stranger without one", 0, STRANGER, "198.51.100.9:1", WZP_TRUST_UNKNOWN, STRANGER},
    {"a claim of a peer that must prove it", 0, PEER, "192.0.2.1:1", WZP_TRUST_UNPROVEN, PEER},
    {"a claim of a trusted relay that must prove it", 0, TRUSTED, "198.51.100.9:1", WZP_TRUST_UNPROVEN,
     TRUSTED},
    {"a claim where the entry allows it", 0, TRUSTED_BY_WORD, "198.51.100.9:1", WZP_TRUST_UNVERIFIED,
     TRUSTED_BY_WORD},
    {"another claim from the address of a peer that allows it", 0, STRANGER, "192.0.2.2:999",
     WZP_TRUST_UNVERIFIED, PEER_BY_WORD},
    {"another claim from the address of a peer that does not", 0, STRANGER, "192.0.2.1:999",
     WZP_TRUST_UNKNOWN, STRANGER},
    {"ourselves, with proof", OWN, OWN, "192.0.2.9:1", WZP_TRUST_SELF, OWN},
    {"ourselves, claimed", 0, OWN, "192.0.2.9:1", WZP_TRUST_SELF, OWN},
};

static void the_table_holds(void **state)
{
    (void)state;
    const struct wzp_relay_config config = {
        .peers = peers, .n_peers = wzp_count(peers), .trusted = trusted, .n_trusted = wzp_count(trusted)};
    for (size_t i = 0; i < wzp_count(rows); i++) {
        uint8_t shown[WZP_FINGERPRINT_BYTES];
        uint8_t claimed[WZP_FINGERPRINT_BYTES];
        uint8_t own[WZP_FINGERPRINT_BYTES];
        memset(shown, rows[i].shown, sizeof shown);
        memset(claimed, rows[i].claimed, sizeof claimed);
        memset(own, OWN, sizeof own);
        struct wzp_addr from;
        assert_ok(wzp_addr_read(rows[i].from, &from));
        const struct wzp_trust_question question = {
            .shown = rows[i].shown ? shown : NULL, .claimed = claimed, .from = &from, .own = own};
        struct wzp_trust_answer answer = wzp_trust_decide(&config, &question);
        if (answer.trust != rows[i].trust || answer.fingerprint[0] != rows[i].counts_as) {
            fail_msg("%s: trust %d, counts as %d", rows[i].name, (int)answer.trust, answer.fingerprint[0]);
        }
        bool is_named = answer.trust <= WZP_TRUST_UNPROVEN;
        assert_int_equal(answer.entry != NULL, is_named);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup(the_table_holds, set_up)};
    return cmocka_run_group_tests_name("relay_trust", tests, NULL, NULL);
}
