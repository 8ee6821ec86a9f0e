#include "b2bua/core/nearest.h"

#include <strings.h>

enum { WORD_MAX = 63 };

static int min3(int a, int b, int c) {
    int least = a < b ? a : b;
    return least < c ? least : c;
}

int nearest_edits(struct str a, struct str b) {
    int row[WORD_MAX + 1];
    int an = a.n > WORD_MAX ? WORD_MAX : (int)a.n, bn = b.n > WORD_MAX ? WORD_MAX : (int)b.n;

    for (int j = 0; j <= bn; j++)
        row[j] = j;
    for (int i = 1; i <= an; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= bn; j++) {
            int same = strncasecmp(&a.p[i - 1], &b.p[j - 1], 1) == 0;
            int here = min3(row[j] + 1, row[j - 1] + 1, diagonal + !same);
            diagonal = row[j];
            row[j] = here;
        }
    }
    return row[bn];
}

void nearest_try(struct nearest *n, const char *candidate) {
    int distance = nearest_edits(str_of(n->text), str_of(candidate));

    if (n->best != NULL && distance >= n->edits)
        return;
    n->best = candidate;
    n->edits = distance;
}
