/* SPDX-License-Identifier: Apache-2.0 */
#include "data_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A text under construction. */
typedef struct builder {
    char *bytes;
    size_t size, room;
} builder;

static void append(builder *b, char byte, size_t times) {
    if (b->room - b->size <= times) {
        b->room = 2 * b->size + times + 1;
        b->bytes = realloc(b->bytes, b->room);
        check(b->bytes != NULL);
    }
    memset(b->bytes + b->size, byte, times);
    b->size += times;
    b->bytes[b->size] = '\0';
}

static int hexadecimal(char digit) {
    static const char digits[] = "0123456789ABCDEF";
    const char *place = digit != '\0' ? strchr(digits, digit) : NULL;
    check(place != NULL);
    return (int)(place - digits);
}

/* Reads one character, or one byte that is written in digits. */
static char take_byte(const char **text) {
    const char *at = *text;
    if (at[0] != '\\') {
        check(at[0] != '\0');
        *text = at + 1;
        return at[0];
    }
    if (at[1] == '\\') {
        *text = at + 2;
        return '\\';
    }
    check(at[1] == 'x');
    const int high = hexadecimal(at[2]);
    *text = at + 4;
    return (char)(high * 16 + hexadecimal(at[3]));
}

/* Reads what stands between braces. */
static void take_repeated(const char **text, builder *b) {
    const char byte = take_byte(text);
    check(**text == '*');
    char *end;
    const unsigned long times = strtoul(*text + 1, &end, 10);
    check(*end == '}' && times > 0 && times < 1 << 24);
    *text = end + 1;
    append(b, byte, times);
}

char *unescaped(const char *text, size_t *size) {
    builder b = {NULL, 0, 0};
    append(&b, '\0', 0);
    while (*text != '\0') {
        if (strncmp(text, "\\e", 2) == 0) {
            text += 2;
        } else if (strncmp(text, "\\{", 2) == 0) {
            text += 2;
            take_repeated(&text, &b);
        } else {
            append(&b, take_byte(&text), 1);
        }
    }
    if (size != NULL) *size = b.size;
    return b.bytes;
}

static bool is_language(const char *word, size_t length) {
    static const char *const languages[] = {"c", "swift", "python"};
    for (size_t i = 0; i < COUNT_OF(languages); i++)
        if (strlen(languages[i]) == length && memcmp(languages[i], word, length) == 0) return true;
    return false;
}

/* "all", or languages and, as they are not all, a reason. */
static bool is_for_c(const char *languages) {
    if (strcmp(languages, "all") == 0) return true;
    bool result = false;
    for (const char *word = languages;;) {
        const size_t length = strcspn(word, ",:");
        check(is_language(word, length));
        if (length == 1) result = true;
        word += length;
        if (*word == ':') {
            check(word[1] == ' ' && word[2] != '\0');
            return result;
        }
        check(*word == ',');
        word++;
    }
}

/* Cuts the text at its tabs. */
static data_line split(char *text, size_t columns) {
    data_line line;
    size_t count = 0;
    for (char *column = text; column != NULL; count++) {
        check(count < columns);
        line.columns[count] = strsep(&column, "\t");
        const char *written = line.columns[count];
        const size_t length = strlen(written);
        check(length > 0 && written[0] != ' ' && written[length - 1] != ' ');
        for (size_t i = 0; i < length; i++) check(written[i] >= ' ' && written[i] <= '~');
    }
    check(count == columns);
    return line;
}

void for_each_line(const char *file, size_t columns, void (*run)(const data_line *line)) {
    char path[4096], *text = NULL;
    check(columns <= MOST_COLUMNS);
    snprintf(path, sizeof path, "%s/%s", EXZ_TEST_DATA, file);
    in_row("%s", path);
    FILE *opened = fopen(path, "r");
    check(opened != NULL);
    size_t room = 0, count = 0;
    ssize_t size;
    for (int number = 1; (size = getline(&text, &room, opened)) >= 0; number++) {
        in_row("line %d of %s: %s", number, file, text);
        check(size > 0 && text[size - 1] == '\n' && strlen(text) == (size_t)size);
        text[size - 1] = '\0';
        if (text[0] == '\0' || text[0] == '#') continue;
        const data_line line = split(text, columns);
        if (!is_for_c(line.columns[columns - 1])) continue;
        count++;
        run(&line);
    }
    in_row("%s", path);
    check(count > 0);
    free(text);
    fclose(opened);
}
