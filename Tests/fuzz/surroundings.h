/* SPDX-License-Identifier: Apache-2.0
 *
 * A place where invented endpoints do no harm. Nothing is sent to another machine or to somebody else's port, no name
 * is asked for, every port that is bound is one of the system's choice, and files are made in a directory of this
 * process. */
#ifndef SURROUNDINGS_H
#define SURROUNDINGS_H

/* Makes the directory and goes there. To be called once, before anything else. */
void settle_down(void);

/* Every some thousand calls: no more descriptors and threads are in use than at the first of them. */
void check_growth(void);

#endif
