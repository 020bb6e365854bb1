package callbacktest

import "testing"

// Whatever a topic contains, the checker reports it and doesn't panic.
func FuzzChecker(f *testing.F) {
	s := perfectStream()
	s.addTo(f, &Checker{})
	for i, r := range s.records[1:] {
		f.Add(s.records[i].Key, s.records[i].Value, r.Value)
	}
	f.Fuzz(func(t *testing.T, key, first, second []byte) {
		for _, fromMiddle := range []bool{false, true} {
			c := &Checker{FromMiddle: fromMiddle}
			for _, value := range [][]byte{first, second, first} {
				c.Add(Record{Key: key, Value: value})
			}
			report := c.Report()
			_ = report.Err()
			if report.Records != 3 || report.Events > report.Messages {
				t.Errorf("the report counts %d records, %d messages, %d events", report.Records,
					report.Messages, report.Events)
			}
		}
	})
}
