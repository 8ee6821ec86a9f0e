"""The status page in a real browser, wide and on a telephone. Screenshots stay in $TWINLEG_SHOTS, if that is set."""
import os
import re
from contextlib import contextmanager

from browser import Browser
from case import Call, case, expect
from cases_ctl import hang_up
from cases_http import FULL

TOKEN = "0123456789abcdef-tried"
TEXT = "document.body.innerText"


@contextmanager
def browser_at(net, **size):
    browser = Browser(net.bed.folder, **size)
    try:
        browser.open("http://{}:{}/".format(*net.bed.http()))
        yield browser
    finally:
        browser.close()


def shoot(browser, name):
    folder = os.environ.get("TWINLEG_SHOTS")
    if folder:
        browser.screenshot(f"{folder}/{name}.png")


def pick(browser):
    browser.until("document.querySelectorAll('#calls tbody tr').length > 0")
    browser.value("document.querySelector('#calls tbody tr').click()")
    browser.until("!document.getElementById('chosen').hidden")


@case()
def page_shows_calls(net):
    """calls, trunks and what was dropped come by themselves; a call is chosen, shown leg by leg, ended"""
    net.begin()
    net.place("stranger", headers=["Subject: nobody"])
    call = Call(net).up()
    with browser_at(net) as browser:
        browser.until(f"{TEXT}.includes('{call.number}')")
        for part in ("test", "running", "carrier › callmanager", "callmanager", "unknown-source"):
            expect(part in browser.value(TEXT), f"no {part!r} in {browser.value(TEXT)}")
        services = browser.value("document.getElementById('services').innerText")
        expect(re.search(r"SIP trunks\s+Configured\s", services) and
               re.search(r"Call managers\s+Not configured\s+add cluster.nodes", services), services)
        expect("last updated: " in browser.value("document.getElementById('updated').innerText"), "no time")
        shoot(browser, "wide")
        pick(browser)
        browser.until(f"{TEXT}.includes('{call.b.call_id}')")
        browser.until("document.querySelectorAll('#ladder details').length >= 10")
        ladder = browser.value("[...document.querySelectorAll('#ladder summary')].map(s => s.innerText)")
        expect("INVITE +SDP" in ladder[0] and "→" in ladder[0] and "100 Trying" in ladder[1] and "←" in ladder[1],
               f"{ladder}")
        browser.value("document.querySelector('#ladder details').open = true")
        expect(f"Call-ID: {call.a.call_id}" in browser.value("document.querySelector('#ladder pre').innerText"),
               "a message does not open")
        expect("1800 s" in browser.value(TEXT) and "peer cannot" in browser.value(TEXT), "no session timer")
        shoot(browser, "chosen")
        browser.value("window.confirm = () => true; document.getElementById('end').click()")
        hang_up(call)
        call.recorded("admin", "us", 200)
        browser.until(f"{TEXT}.includes('This call is over.') && {TEXT}.includes('There are no calls.')")
        complaints = [one for one in browser.complaints() if "404" not in str(one)]
        expect(not complaints, f"{complaints}")


@case()
def page_on_a_telephone(net):
    """nothing is wider than the screen; the token is asked for, and kept from nobody but strangers"""
    net.begin(admin=f'token = "{TOKEN}";')
    call = Call(net).up()
    with browser_at(net, width=390, height=840) as browser:
        browser.until("!document.getElementById('login').hidden")
        expect(call.number not in browser.value(TEXT), "a call is shown to who has no token")
        browser.value(f"document.getElementById('token').value = '{TOKEN}'; "
                      "document.querySelector('#login button').click()")
        browser.until(f"{TEXT}.includes('{call.number}')")
        pick(browser)
        browser.until(f"{TEXT}.includes('{call.a.call_id}')")
        wide = browser.value("document.documentElement.scrollWidth")
        shoot(browser, "telephone")
        expect(wide <= 390, f"the page is {wide} wide")
    call.bye()


@case()
def page_shows_no_markup(net):
    """what a caller calls himself is text"""
    call = Call(net, name='"<img id=owned src=x onerror=document.title=1>" ').up()
    with browser_at(net) as browser:
        pick(browser)
        browser.until(f"{TEXT}.includes('<img id=owned')")
        expect(not browser.value("!!document.getElementById('owned')"), "it became a part of the page")
    call.bye()


@case()
def page_shows_a_front(net):
    """call managers, fellow nodes, who is registered; on a telephone, rows become paragraphs"""
    net.begin(root=FULL.format(net.bed.host(5), net.bed.host(6)))
    with browser_at(net, width=390, height=840) as browser:
        browser.until(f"{TEXT}.includes('Fellow nodes') && {TEXT}.includes('sbc2')")
        browser.value("document.querySelector('#who').open = true")
        browser.until(f"{TEXT}.includes('Nobody is registered.')")
        expect("cm1" in browser.value("document.getElementById('nodes').innerText"), "no call manager")
        shown = browser.value("getComputedStyle(document.querySelector('#services thead')).display")
        shoot(browser, "front")
        expect(shown == "none" and browser.value("document.documentElement.scrollWidth") <= 390, "it is too wide")
    net.calls = 0
