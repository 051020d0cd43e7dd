/* SPDX-License-Identifier: Apache-2.0
 *
 * A program of yours, which asks a weather service. */
#ifndef FORECAST_H
#define FORECAST_H

#include <stddef.h>
#include <stdint.h>

/** What the service says, cut to fit; "unknown" if it says nothing in time. */
void forecast(char *answer, size_t capacity, const char *endpoint, int32_t timeout_ms);

#endif
