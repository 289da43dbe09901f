/* SPDX-License-Identifier: Apache-2.0 */
/* What every unit test includes: cmocka with the headers it wants first. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <wzp/error.h>

#include "base/attr.h"

/** Fails the case with the error's text where `expression` is not WZP_OK. */
#define assert_ok(expression)                                                                                \
    do {                                                                                                     \
        enum wzp_err wzp_test_err_ = (expression);                                                           \
        if (wzp_test_err_ != WZP_OK) {                                                                       \
            fail_msg("%s: %s", #expression, wzp_err_text(wzp_test_err_));                                    \
        }                                                                                                    \
    } while (0)
