package kafkatest

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"slices"
	"testing"
	"time"
)

func TestBrokerIDsAreReadOffMetadata(t *testing.T) {
	whole := metadataAnswer([]int32{3, 1, 2})
	ids, err := brokerIDs(whole)
	if want := []int{3, 1, 2}; err != nil || !slices.Equal(ids, want) {
		t.Errorf("%v, %v, want %v", ids, err, want)
	}
	const afterBrokers = 8
	for n := range len(whole) - afterBrokers {
		if ids, err := brokerIDs(whole[:n]); !errors.Is(err, errShortMetadata) {
			t.Errorf("cut after %d bytes: %v, %v", n, ids, err)
		}
	}
}

func FuzzBrokerIDs(f *testing.F) {
	f.Add(metadataAnswer([]int32{1}))
	f.Add([]byte{0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, body []byte) {
		if ids, err := brokerIDs(body); err == nil && len(ids) > len(body)/12 {
			t.Errorf("%d brokers in %d bytes", len(ids), len(body))
		}
	})
}

func TestRegisteredRefusesWhatIsNotKafka(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer []byte
		want   string
	}{
		{"web server", []byte("HTTP/1.1 400 Bad Request\r\n\r\n"), "none of Kafka's"},
		{"hangs up", nil, "EOF"},
		{"cut short", []byte{0, 0, 0, 40, 0, 0}, "EOF"},
		{"nothing in it", []byte{0, 0, 0, 2, 0, 0}, errShortMetadata.Error()},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := listen(t)
			go func() {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = conn.Read(make([]byte, 64))
				_, _ = conn.Write(c.answer)
				_ = conn.Close()
			}()
			_, err := registered(t.Context(), l.Addr().String())
			checkError(t, err, c.want)
		})
	}
}

func TestRegisteredEndsWithItsContext(t *testing.T) {
	l := listen(t) // the system accepts the connection, nobody reads from it
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := registered(ctx, l.Addr().String()); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%v, want a deadline that is over", err)
	}
}

func TestMetadataRequestSaysItsSize(t *testing.T) {
	if got, want := int(binary.BigEndian.Uint32(metadataRequest)), len(metadataRequest)-4; got !=
		want {
		t.Errorf("size %d, want %d", got, want)
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}
