#include "b2bua/options.h"

#include <getopt.h>
#include <stdio.h>

static void usage(FILE *out) {
    fputs("usage: twinleg [-c FILE] [-t] [-T] [-M] [-V] [-d] [-h]\n"
          "  -c FILE  configuration (default /etc/twinleg/twinleg.cfg)\n"
          "  -t       check the configuration and exit: 0 good, 1 not\n"
          "  -T       print a template of every key with its default, range and unit\n"
          "  -M       print the manual page of the configuration: twinleg -M | man -l -\n"
          "  -V       print the version\n"
          "  -d       log debug\n"
          "  -h       print this\n",
          out);
}

static int wrong(void) {
    usage(stderr);
    return -1;
}

int options_parse(struct options *o, int argc, char **argv) {
    static const struct option words[] = {
        {"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0}};
    int c;

    *o = (struct options){.config = "/etc/twinleg/twinleg.cfg"};
    while ((c = getopt_long(argc, argv, "c:tTMVdh", words, NULL)) != -1) {
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
        case 'h':
            o->help = true;
            usage(stdout);
            break;
        default:
            return wrong();
        }
    }
    if (optind == argc)
        return 0;
    fprintf(stderr, "twinleg: \"%s\" is no option\n", argv[optind]);
    return wrong();
}
