#include "b2bua/options.h"

#include <stdio.h>
#include <unistd.h>

static int usage(void) {
    fputs("usage: twinleg [-c FILE] [-t] [-T] [-M] [-V] [-d]\n"
          "  -c FILE  configuration (default /etc/twinleg/twinleg.cfg)\n"
          "  -t       check the configuration and exit: 0 good, 1 not\n"
          "  -T       print a template of every key with its default, range and unit\n"
          "  -M       print the manual page of the configuration: twinleg -M | man -l -\n"
          "  -V       print the version\n"
          "  -d       log debug\n",
          stderr);
    return -1;
}

int options_parse(struct options *o, int argc, char **argv) {
    int c;

    *o = (struct options){.config = "/etc/twinleg/twinleg.cfg"};
    while ((c = getopt(argc, argv, "c:tTMVd")) != -1) {
        switch (c) {
        case 'c':
            o->config = optarg;
            break;
        case 't':
            o->test = true;
            break;
        case 'T':
            o->template = true;
            break;
        case 'M':
            o->manual = true;
            break;
        case 'V':
            o->version = true;
            break;
        case 'd':
            o->debug = true;
            break;
        default:
            return usage();
        }
    }
    return optind == argc ? 0 : usage();
}
