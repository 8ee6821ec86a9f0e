"""The daemon's own life: drain, stop, new record files, several workers; and calls that somebody forgets."""
import os
import signal
import time

from case import Call, case, expect
from message import Failure


@case()
def sigterm_without_calls(net):
    net.begin()
    net.stopped = net.daemon.stop(5)
    net.calls = 0


@case("standing", "just-begun")
def sigterm_lets_calls_go_on(net, age):
    """while it drains: a new call gets 503 with Retry-After, the old one ends by itself, then the daemon does"""
    net.begin(drain_s=20)
    call = Call(net).up()
    if age == "standing":
        net.daemon.await_status(3, calls=1)
    net.daemon.signal(signal.SIGTERM)
    net.daemon.await_line('state="draining"', 3)
    time.sleep(0.3)
    refused = net.place()
    expect(refused.expect(503).get("retry-after"), "503 without Retry-After")
    call.cross(call.a, call.b, "INFO")
    call.bye()
    net.stopped = net.daemon.run.wait(10), net.daemon.stop()[1]


@case(("a-udp", "b-udp"), ("a-tcp", "b-tcp"))
def sigterm_twice_stops_at_once(net, src, dst):
    """the second one waits for nobody: both ends of each call are told, and each leg has its record"""
    net.begin(src, dst, drain_s=30)
    call, ringing = Call(net, src, dst).up(), Call(net, src, dst)
    ringing.b.ring()
    ringing.a.expect(180)
    for _ in range(2):
        net.daemon.signal(signal.SIGTERM)
        net.daemon.await_line('state="draining"', 3)
    expect(net.daemon.run.wait(10) == 0, "it ends otherwise than by 0")
    net.stopped = 0, {"calls": 0, "legs": 0, "transactions": 0}     # those of its last line had an end after that
    call.a.await_request("BYE")
    call.b.await_request("BYE")
    ringing.a.expect(503)
    ringing.b.await_request("CANCEL")
    for one in (call, ringing):
        one.recorded("drain", "us")
    net.calls = 2


@case(("a-udp", "b-udp"), ("a-tcp", "b-tcp"))
def sigterm_ends_standing_calls(net, src, dst):
    """drain_seconds over: BYE on both legs, 503 and CANCEL where it rings"""
    net.begin(src, dst, drain_s=1)
    call = Call(net, src, dst).up()
    ringing = Call(net, src, dst)
    ringing.b.ring()
    ringing.a.expect(180)
    net.daemon.signal(signal.SIGTERM)
    for leg in (call.a, call.b):
        leg.reply(leg.await_request("BYE"), 200)
    ringing.b.reply(ringing.b.await_request("CANCEL"), 200)
    ringing.b.answer(487, None)
    ringing.b.await_request("ACK")
    ringing.a.expect(503)
    net.stopped = net.daemon.run.wait(10), net.daemon.stop()[1]
    call.recorded("drain", "us", 200)
    ringing.recorded("drain", "us")


@case()
def sighup_opens_records_anew(net):
    """after rotation the next record goes into a new file"""
    net.begin()
    Call(net).up().bye()
    net.daemon.await_status(3, calls=0)
    time.sleep(0.3)
    os.rename(net.daemon.cdr_path, net.daemon.cdr_path + ".1")
    net.daemon.signal(signal.SIGHUP)
    net.daemon.await_line("reload", 3)
    time.sleep(0.2)
    net.records.clear()
    Call(net).up().bye()
    with open(net.daemon.cdr_path + ".1", encoding="utf-8") as old:
        expect(len(old.readlines()) == 2, "the old file does not have the first call's two records")
    net.calls = 1


@case()
def records_wait_for_the_disk(net):
    """the disk is full: calls go on, the log and the metrics say so; after SIGHUP all records are in the new file"""
    os.symlink("/dev/full", f"{net.bed.folder}/cdr.jsonl")
    net.begin()
    Call(net).up().bye()
    expect(net.daemon.await_line("state=failing", 5), "the log says nothing")
    Call(net).up().bye()
    expect("twinleg_records_up 0" in net.daemon.ctl("metrics")[1].splitlines(), "records_up is not 0")
    os.unlink(net.daemon.cdr_path)
    net.daemon.signal(signal.SIGHUP)
    expect(net.daemon.await_line('cdr.jsonl" state=ok lost=0', 5), "it does not go on")
    net.daemon.await_status(3, calls=0)
    code, text, _ = net.daemon.ctl("metrics")
    expect(code == 0 and "twinleg_records_up 1" in text.splitlines(), "records_up is not 1")
    net.calls = 2


@case(("a-udp", "b-udp"), ("a-tcp", "b-tcp"))
def two_workers(net, src, dst):
    """whoever receives a message hands it to the worker of its Call-ID"""
    net.begin(src, dst, workers=2)
    calls = [Call(net, src, dst) for _ in range(12)]
    for call in calls:
        call.up()
    for call in calls:
        call.cross(call.b, call.a, "INFO")
        call.bye()


@case("a-udp", "a-tcp", settle_s=40)
def never_acknowledged(net, src):
    """RFC 3261 13.3.1.4: a 200 without ACK: after 64*T1 both legs get BYE"""
    call = Call(net, src)
    call.b.answer()
    call.a.expect(200)
    end = time.monotonic() + 45
    while time.monotonic() < end:
        try:
            call.b.reply(call.b.await_request("BYE", 1), 200)
            break
        except Failure:
            continue
    call.a.reply(call.a.await_request("BYE", 3), 200)
    call.recorded("no-ack", "us")
