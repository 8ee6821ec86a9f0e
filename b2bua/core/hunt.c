#include "b2bua/core/hunt.h"

bool hunt_may_name(int status) {
    static const short never[] = {401, 407, 415, 417, 420, 422, 480, 485, 486, 487, 488, 491};

    for (unsigned i = 0; i < sizeof never / sizeof never[0]; i++)
        if (never[i] == status)
            return false;
    return status >= 400 && status <= 699;
}

bool hunt_on(const int *codes, int count, int status) {
    for (int i = 0; i < count; i++)
        if (codes[i] == status)
            return true;
    return false;
}

/* Lower is better. */
static int rank(int status) {
    switch (status) {
    case 0:
        return 1000;
    case 503:
        return 900;
    case 430: /* one way to whom is called, of several */
        return 850;
    case 408:
        return 800;
    case 401:
    case 407:
    case 415:
    case 420:
    case 484:
        return 350;
    default:
        return status >= 600 ? 100 : status / 100 * 100;
    }
}

int hunt_better(int a, int b) {
    return rank(b) < rank(a) ? b : a;
}
