/* SPDX-License-Identifier: Apache-2.0
 *
 * A program of yours, which asks a weather service. */
#ifndef FORECAST_H
#define FORECAST_H

#include <stdint.h>

typedef enum weather {
    UNKNOWN,
    SUNNY,
    RAINY
} weather;

/** What the service says; UNKNOWN if it says nothing in time. */
weather forecast(const char *endpoint, int32_t timeout_ms);

#endif
