"""Session timers in real time, at the smallest interval that there is: 90 s. These cases sleep, all at once; short ones
are in cases_timer."""
from case import case, expect
from timer import ALLOW, Watch, grants, wants

BOTH = [("a-udp", "b-udp"), ("a-tcp", "b-tcp")]


@case(*BOTH, sleeps=True)
def we_refresh_by_reinvite(net, src, dst):
    """RFC 4028 7.4: byte for byte the description in force"""
    watch = Watch(net, wants("uas"), grants("uac"), src, dst)
    watch.run(56)
    watch.refreshed(watch.call.a, "INVITE")
    watch.refreshed(watch.call.b, "INVITE")
    watch.call.bye()


@case(*BOTH, sleeps=True)
def we_refresh_by_update(net, src, dst):
    """RFC 4028 7.4: without a body, where Allow lists it"""
    watch = Watch(net, wants("uas", 90, ALLOW), grants("uac", 90, ALLOW), src, dst)
    watch.run(56)
    watch.refreshed(watch.call.a, "UPDATE")
    watch.refreshed(watch.call.b, "UPDATE")
    watch.call.bye(watch.call.b, watch.call.a)


@case(sleeps=True)
def peers_without_timers(net):
    """RFC 4028 8.1, 9: ends that never heard of timers are refreshed by us, with what the trunk wants; two workers"""
    keys = "session_timer = { min_se = 90; session_expires = 90; };"
    watch = Watch(net, [], [], a_keys=keys, b_keys=keys, workers=2)
    for leg in watch.ours:
        watch.plain(leg)
    watch.run(101)
    watch.refreshed(watch.call.a, "INVITE", 90, 2)
    watch.refreshed(watch.call.b, "INVITE", 90, 2)
    expect(watch.call.answer.get("session-expires") == "90;refresher=uas", "the caller is not told who refreshes")
    expect(not watch.call.answer.get("require"), "the caller is asked for what it cannot do")
    watch.call.bye()


@case(sleeps=True)
def legs_refresh_apart(net):
    """RFC 4028 as a B2BUA: each leg at its own half, 90 s and 100 s, three times; nothing crosses"""
    watch = Watch(net, wants("uas", 90, ALLOW), grants("uac", 100))
    watch.interval(watch.call.b, 100)
    watch.run(151.5)
    watch.refreshed(watch.call.a, "UPDATE", 90, 3)
    watch.refreshed(watch.call.b, "INVITE", 100, 3)
    watch.call.bye()


def peer_refreshes(watch, leg, method):
    """as the one who is to do it; answered by us"""
    sdp = watch.call.offer(leg, 1) if method == "INVITE" else None
    number = leg.request(method, sdp, wants("uac"))
    back = leg.expect(200, method, number)
    expect(back.get("session-expires") == "90;refresher=uac", f"200 with {back.get('session-expires')!r}")
    expect("timer" in back.get("require"), "the refresher is not told by Require")
    expect(back.body == (watch.ours[leg] if sdp else b""), "a refresh changed the description")
    if sdp:
        leg.ack()


@case(*BOTH, sleeps=True)
def peers_refresh(net, src, dst):
    """each end its leg, by UPDATE and by re-INVITE; the call outlives the first 60 s"""
    watch = Watch(net, wants("uac"), wants("uas"), src, dst)
    watch.run(40)
    peer_refreshes(watch, watch.call.a, "UPDATE")
    peer_refreshes(watch, watch.call.b, "INVITE")
    watch.run(76)
    expect(not watch.heard, f"who refreshes was asked, too: {watch.heard}")
    watch.call.bye()


@case("a", "b", sleeps=True)
def missed_refresh_ends_the_call(net, who):
    """RFC 4028 10: one end of two that does not do its part"""
    watch = Watch(net, wants("uac"), wants("uas"))
    watch.run(30)
    other = watch.call.b if who == "a" else watch.call.a
    peer_refreshes(watch, other, "INVITE")
    watch.ended_by_us("refresh-missed")
    expect(not watch.heard, f"who refreshes was asked, too: {watch.heard}")


@case(("a", "INVITE"), ("b", "UPDATE"), settle_s=40, sleeps=True)
def silence_to_our_refresh_ends_the_call(net, who, method):
    """RFC 4028 10; the refresh itself gives up later than that"""
    a, b = ("uas", "uas") if who == "a" else ("uac", "uac")     # this end's leg is ours to refresh, the other's is not
    more = [ALLOW] if method == "UPDATE" else []
    watch = Watch(net, wants(a, 90, *more), grants(b, 90, *more))
    leg, other = (watch.call.a, watch.call.b) if who == "a" else (watch.call.b, watch.call.a)
    watch.replies[leg] = lambda msg: None
    watch.run(30)
    peer_refreshes(watch, other, "INVITE")
    watch.ended_by_us("refresh-failed")
    watch.refreshed(leg, method)


@case(sleeps=True)
def update_405_then_reinvite(net):
    """RFC 3261 8.2.1: who has no UPDATE after all is asked by re-INVITE, at once"""
    watch = Watch(net, wants("uas", 90, ALLOW), wants("uas"))
    leg, take = watch.call.a, watch.replies[watch.call.a]
    watch.replies[leg] = lambda msg: leg.reply(msg, 405, headers=["Allow: INVITE, ACK, CANCEL, BYE"]) \
        if msg.method == "UPDATE" else take(msg)
    watch.run(30)
    peer_refreshes(watch, watch.call.b, "UPDATE")
    watch.run(62)
    refused, *rest = watch.of(leg)
    expect(refused.method == "UPDATE" and len(rest) == 1, f"{refused.method}, then {len(rest)} more")
    expect(rest[0].seconds - refused.seconds < 5, "the re-INVITE was long in coming")
    watch.heard.remove(refused)
    watch.refreshed(leg, "INVITE")
    watch.call.bye()


def glare_once(watch, leg):
    take = watch.replies[leg]

    def refuse(msg):
        leg.reply(msg, 491)
        leg.await_request("ACK")
        watch.replies[leg] = take
    watch.replies[leg] = refuse


@case(sleeps=True)
def glare_with_our_refresh(net):
    """RFC 3261 14.1: again, on the leg whose Call-ID we made not before 2.1 s"""
    watch = Watch(net, wants("uas"), grants("uac"))
    for leg in watch.ours:
        glare_once(watch, leg)
    watch.run(59)
    for leg, low in ((watch.call.a, 0), (watch.call.b, 2)):
        first, second = (one.seconds for one in watch.of(leg))
        expect(low <= second - first <= 4 + 8, f"again after {second - first:.1f} s")
        watch.heard.remove(watch.of(leg)[0])
        watch.changes_nothing(watch.of(leg)[0])
    watch.call.bye()


@case(sleeps=True)
def hold_is_a_refresh(net):
    """RFC 4028 7.4, 9: any 2xx begins the interval anew, on both legs"""
    watch = Watch(net, wants("uac"), wants("uas"))
    watch.run(35)
    one, other = watch.call.a, watch.call.b
    one.request("INVITE", watch.call.offer(one, 2, "sendonly"), wants("uac"))
    there = other.await_request("INVITE")
    expect(there.get("session-expires") == "90;refresher=uas", f"hold came with {there.get('session-expires')!r}")
    other.reply(there, 200, watch.call.offer(other, 2, "recvonly"), wants("uas"))
    expect(one.expect(200).get("session-expires") == "90;refresher=uac", "the 200 lost the interval")
    one.ack()
    other.await_request("ACK")
    watch.run(76)
    watch.call.bye()


@case(sleeps=True)
def two_in_series(net):
    """carrier, twinleg, twinleg, call manager: three refreshes, then hung up by the caller"""
    net.begin_in_series("session_timer = { min_se = 90; session_expires = 90; };")
    watch = Watch(net, wants("uas"), grants("uac"))
    watch.run(146)
    watch.refreshed(watch.call.a, "INVITE", 90, 3)
    watch.refreshed(watch.call.b, "INVITE", 90, 3)
    watch.call.bye()
    for daemon in (net.daemon, net.second):
        status = daemon.await_status(5, calls=0, legs=0)
        expect(status.get("calls") == 0, f"calls are left: {status}")
    legs = [leg for call in net.second.records().values() for leg in call]
    expect([leg["cause"] for leg in legs] == ["bye", "bye"], f"records of the second one: {legs}")
