/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <elf.h>
#include <link.h>
#include <string.h>

#include "shim.h"

typedef struct question {
    const char *name;
    unsigned long long seen;
    int answer;
} question;

/* What the dynamic section of an object says, as far as it is needed. */
typedef struct tables {
    const ElfW(Sym) *symbols;
    const char *names;
    const ElfW(Rela) *relocations[2];
    size_t counts[2];
} tables;

/* glibc has made addresses of the offsets, but for objects it does not load. */
static const void *address(const struct dl_phdr_info *object, ElfW(Addr) value)
{
    return (const void *)(value < object->dlpi_addr ? value + object->dlpi_addr : value);
}

static void read_section(const struct dl_phdr_info *object, const ElfW(Dyn) *entry, tables *found)
{
    int is_rela = 0;
    for (; entry->d_tag != DT_NULL; entry++) {
        switch (entry->d_tag) {
        case DT_SYMTAB: found->symbols = address(object, entry->d_un.d_ptr); break;
        case DT_STRTAB: found->names = address(object, entry->d_un.d_ptr); break;
        case DT_RELA: found->relocations[0] = address(object, entry->d_un.d_ptr); break;
        case DT_RELASZ: found->counts[0] = entry->d_un.d_val / sizeof(ElfW(Rela)); break;
        case DT_JMPREL: found->relocations[1] = address(object, entry->d_un.d_ptr); break;
        case DT_PLTRELSZ: found->counts[1] = entry->d_un.d_val / sizeof(ElfW(Rela)); break;
        case DT_PLTREL: is_rela = entry->d_un.d_val == DT_RELA; break;
        default: break;
        }
    }
    if (!is_rela)
        found->counts[1] = 0;
}

static int wants(const tables *found, const char *name)
{
    if (found->symbols == NULL || found->names == NULL)
        return 0;
    for (int i = 0; i < 2; i++) {
        for (size_t j = 0; found->relocations[i] != NULL && j < found->counts[i]; j++) {
            const ElfW(Sym) *symbol = &found->symbols[ELF64_R_SYM(found->relocations[i][j].r_info)];
            /* Names begin with the same few letters seldom, and most relocations have none. */
            if (symbol->st_shndx == SHN_UNDEF && symbol->st_name != 0 &&
                strcmp(found->names + symbol->st_name, name) == 0)
                return 1;
        }
    }
    return 0;
}

static int ask(struct dl_phdr_info *object, __attribute__((unused)) size_t size, void *argument)
{
    question *asked = argument;
    if (object->dlpi_adds == asked->seen)
        return 1; /* Nothing was loaded since. */
    for (int i = 0; i < object->dlpi_phnum; i++) {
        if (object->dlpi_phdr[i].p_type != PT_DYNAMIC)
            continue;
        tables found = {0};
        read_section(object, address(object, object->dlpi_addr + object->dlpi_phdr[i].p_vaddr), &found);
        asked->answer = asked->answer || wants(&found, asked->name);
    }
    return 0;
}

static int count_loads(struct dl_phdr_info *object, __attribute__((unused)) size_t size, void *argument)
{
    *(unsigned long long *)argument = object->dlpi_adds;
    return 1;
}

int clinux_is_imported(const char *name, uint64_t *loads)
{
    question asked = {name, *loads, 0};
    unsigned long long now = 0;
    (void)dl_iterate_phdr(count_loads, &now);
    (void)dl_iterate_phdr(ask, &asked);
    *loads = now;
    return asked.answer;
}
