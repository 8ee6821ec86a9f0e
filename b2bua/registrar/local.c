/* Domains whose registrar we are. */
#include "b2bua/registrar/impl.h"

const struct settings_local *front_local(const struct settings *s, struct str host) {
    for (int i = 0; i < s->registrar.local_count; i++)
        if (str_ieq(str_of(s->registrar.local[i].domain), host))
            return &s->registrar.local[i];
    return NULL;
}
