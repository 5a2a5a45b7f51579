import Console
import Testing

@Suite struct ZoneNameTests {
    @Test(arguments: [
        ("Europe/Berlin", nil, "Europe/Berlin"), ("UTC", "/usr/share/zoneinfo/Asia/Tokyo", "UTC"),
        (nil, "/usr/share/zoneinfo/America/Argentina/Salta", "America/Argentina/Salta"),
        (":/usr/share/zoneinfo/Asia/Tokyo", nil, "Asia/Tokyo"), (":America/New_York", nil, "America/New_York"),
        ("CET-1CEST", "../usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo"),
        ("CET-1CEST,M3.5.0/2,M10.5.0/3", nil, nil), (nil, "/etc/own-zone", nil), ("", nil, nil), (nil, nil, nil),
    ])
    func `days are cut in the zone of this machine`(variable: String?, target: String?, name: String?) {
        #expect(ZoneName.local(variable: variable, localtimeTarget: target) == name)
    }
}
