/* SPDX-License-Identifier: Apache-2.0
 *
 * A child with few descriptors left, where the limit is nobody else's. */
#ifndef FEW_DESCRIPTORS_H
#define FEW_DESCRIPTORS_H

/* For a group of tests: notes the usual limit. */
int remember_limit(void **group);

/* From here on the process gets so many descriptors and no more. */
void leave_descriptors(int count);

void leave_as_usual(void);

#endif
