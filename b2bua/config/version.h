/* version: of the whole program. */
#ifndef B2BUA_CONFIG_VERSION_H
#define B2BUA_CONFIG_VERSION_H

#ifndef TWINLEG_VERSION
#define TWINLEG_VERSION "0.1"
#endif

#endif
