/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "ledger_records.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static const char MAGIC[4] = {'L', 'E', 'D', 'G'};

/* A message on the wire. */
typedef struct header {
    char magic[4];
    uint32_t number;
    uint32_t size;
    uint16_t incarnation;
    uint8_t direction;
    uint8_t is_end;
    uint16_t flow;
    uint16_t nothing;
    uint32_t nothing_either;
    uint32_t checksum;
} header;

_Static_assert(sizeof(header) == LEDGER_HEADER, "a header has no gaps");
_Static_assert(sizeof(ledger_record) == 24, "a record has no gaps");

static uint32_t crc_of_byte[256];
static unsigned char filling[LEDGER_LARGEST + 256];

/* Before any other thread is there. */
__attribute__((constructor)) static void make_tables(void) {
    uint32_t noise = 1;
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
        crc_of_byte[i] = crc;
    }
    for (size_t i = 0; i < sizeof filling; i++) {
        noise = noise * 1664525u + 1013904223u;
        filling[i] = (unsigned char)(noise >> 24);
    }
}

/* CRC-32 as zlib has it. */
static uint32_t checksum(uint32_t crc, const unsigned char *bytes, size_t size) {
    crc = ~crc;
    for (size_t i = 0; i < size; i++) crc = crc_of_byte[(crc ^ bytes[i]) & 0xFF] ^ crc >> 8;
    return ~crc;
}

static uint32_t checksum_of_message(const unsigned char *bytes, size_t size) {
    const uint32_t crc = checksum(0, bytes, offsetof(header, checksum));
    return checksum(crc, bytes + sizeof(header), size - sizeof(header));
}

uint32_t ledger_size(uint32_t number) {
    const uint32_t drawn = number * 2654435761u >> 8;
    const uint32_t share = drawn % 1000, rest = drawn / 1000;
    if (share < 5) return LEDGER_LARGEST;
    if (share < 100) return 1024 + rest % 15360;
    return LEDGER_HEADER + rest % 500;
}

void ledger_write(void *bytes, const ledger_message *message) {
    header h = {
        .number = message->number,
        .size = message->size,
        .incarnation = message->incarnation,
        .direction = message->direction,
        .is_end = message->is_end,
        .flow = message->flow,
    };
    memcpy(h.magic, MAGIC, sizeof h.magic);
    memcpy(bytes, &h, sizeof h);
    memcpy((char *)bytes + sizeof h, filling + message->number % 256, message->size - sizeof h);
    h.checksum = checksum_of_message(bytes, message->size);
    memcpy(bytes, &h, sizeof h);
}

bool ledger_read(ledger_message *out, const void *bytes, size_t size) {
    header h;
    if (size < sizeof h) return false;
    memcpy(&h, bytes, sizeof h);
    if (memcmp(h.magic, MAGIC, sizeof h.magic) != 0 || h.size != size) return false;
    if (h.checksum != checksum_of_message(bytes, size)) return false;
    *out = (ledger_message){h.number, h.size, h.flow, h.incarnation, h.direction, h.is_end != 0};
    return true;
}

uint64_t ledger_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void ledger_end_with_parent(void) { prctl(PR_SET_PDEATHSIG, SIGKILL); }

int ledger_open(const char *path) { return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666); }

void ledger_append(int journal, ledger_record record) {
    if (write(journal, &record, sizeof record) == (ssize_t)sizeof record) return;
    perror("ledger: the journal");
    exit(3);
}
