"""Session timers: what is asked of the target and what is granted to the caller, one row a rule (RFC 4028 7 and 9)."""
from collections import namedtuple

from case import Call, case, expect

Row = namedtuple("Row", "keys caller callee asked granted require")
NAMED = "session_timer = {{ {} }};"
T = "Supported: timer"
ANY_90 = NAMED.format("min_se = 90;")
QUIET = NAMED.format("min_se = 90; refresh = false;")
LOCAL = NAMED.format('min_se = 90; refresher = "local";')
REMOTE = NAMED.format('min_se = 90; refresher = "remote";')
SHORT = NAMED.format("session_expires = 600; min_se = 300;")

# headers of the caller's INVITE and of the callee's 200; (Session-Expires, Min-SE) that the callee was asked for;
# Session-Expires and Require of the caller's 200
ROWS = {
    "defaults": Row("", [T, "Session-Expires: 1800"], [], ("1800", "1800"), "1800;refresher=uac", "timer"),
    "larger-than-ours": Row(ANY_90, [T, "Session-Expires: 3600", "Min-SE: 900"], [], ("1800", "90"),
                            "1800;refresher=uac", "timer"),
    "minimum-of-the-caller": Row(ANY_90, [T, "Session-Expires: 3600", "Min-SE: 3000"], [], ("1800", "90"),
                                 "3000;refresher=uac", "timer"),
    "raised-silently": Row("", ["Session-Expires: 90"], [], ("1800", "1800"), "1800;refresher=uas", ""),
    "inserted-for-who-can": Row("", [T], [], ("1800", "1800"), "1800;refresher=uac", "timer"),
    "inserted-for-who-cannot": Row("", [], [], ("1800", "1800"), "1800;refresher=uas", ""),
    "compact-and-capital": Row(ANY_90, ["k: timer", "x: 1200 ;refresher=UAS"], [], ("1800", "90"),
                               "1200;refresher=uas", ""),
    "caller-names-itself": Row(LOCAL, [T, "Session-Expires: 900;refresher=uac"], [], ("1800;refresher=uac", "90"),
                               "900;refresher=uac", "timer"),
    "caller-names-us": Row(REMOTE, [T, "Session-Expires: 900;refresher=uas"], [], ("1800;refresher=uas", "90"),
                           "900;refresher=uas", ""),
    "wish-local": Row(LOCAL, [T, "Session-Expires: 900"], [], ("1800;refresher=uac", "90"), "900;refresher=uas", ""),
    "wish-remote": Row(REMOTE, [T, "Session-Expires: 900"], [], ("1800;refresher=uas", "90"), "900;refresher=uac",
                       "timer"),
    "required": Row(ANY_90, ["Require: timer", "Session-Expires: 900"], [], ("1800", "90"), "900;refresher=uac",
                    "timer"),
    "quiet": Row(QUIET, [T], [], ("", ""), "", ""),
    "quiet-but-asked": Row(QUIET, [T, "Session-Expires: 700"], [], ("1800", "90"), "700;refresher=uac", "timer"),
    "quiet-target-inserts": Row(QUIET, [], ["Session-Expires: 600;refresher=uac", "Require: timer"], ("", ""), "", ""),
    "own-values": Row(SHORT, [T, "Session-Expires: 4000"], ["Session-Expires: 86400;refresher=uas"], ("600", "300"),
                      "600;refresher=uac", "timer"),
}


@case(*ROWS)
def timer_negotiated(net, name):
    row = ROWS[name]
    net.begin(a_keys=row.keys, b_keys=row.keys)
    call = Call(net, headers=row.caller)
    asked = call.b.invite
    got = (asked.get("session-expires"), asked.get("min-se"))
    expect(got == row.asked, f"the target was asked for {got}")
    expect("timer" in asked.get("supported") and not asked.get("require"), "Supported without timer, or Require")
    call.up(row.callee)
    expect(call.answer.get("session-expires") == row.granted, f"granted {call.answer.get('session-expires')!r}")
    expect(call.answer.get("require") == row.require, f"Require: {call.answer.get('require')!r}")
    expect(not call.answer.get("min-se"), "Min-SE in a 2xx")
    call.bye()
