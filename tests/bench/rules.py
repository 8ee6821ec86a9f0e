"""What rules of SIP profiles cost a message: the lines that `make bench-profile` prints for so many rules."""
import re
import subprocess

COUNTS = (0, 1, 10, 50)


def us_of_rules(bench, element):
    """us of CPU for an INVITE, by the number of rules; each has something to do. A proxy has none"""
    if element.name != "twinleg" or not bench.cost:
        return None
    said = subprocess.run([bench.cost], stdout=subprocess.PIPE, text=True, check=True).stdout
    seen = {int(rules): float(us) for rules, us in re.findall(r"^ +(\d+) rules +([\d.]+) ", said, re.M)}
    return tuple(seen[rules] for rules in COUNTS)
