package kafka

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/batching"
)

// slowClient accepts a record only when the test says so.
type slowClient struct {
	fakeClient
	asked, take chan struct{}
}

func (c *slowClient) TryProduce(ctx context.Context, r *kgo.Record, f func(*kgo.Record, error)) {
	c.asked <- struct{}{}
	<-c.take
	c.fakeClient.TryProduce(ctx, r, f)
}

// The client fails all its records of a partition when it reads a rejection. A record that is being
// handed to it at that moment must be among them, or it would be acknowledged before those that
// come back.
func TestRefusalWaitsForTheRecordThatIsBeingHandedOver(t *testing.T) {
	s, _ := newTestSender(t, time.Minute)
	client := &slowClient{asked: make(chan struct{}), take: make(chan struct{})}
	s.client = client
	sent, hears, heard := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(sent)
		s.Send(batchOf("1", time.Now()), ignore)
	}()
	<-client.asked
	go func() {
		defer close(heard)
		close(hears)
		s.heard(answer{key: produceKey, err: kerr.InvalidRecord})
	}()
	<-hears
	select {
	case <-heard:
		t.Error("the client reads the refusal before it has the record")
	case <-time.After(50 * time.Millisecond):
	}
	close(client.take)
	<-sent
	<-heard
	client.end(nil)
}

// Records that the client gives up by itself may be overtaken. One is given up for good only if a
// reader would see it out of order; records of other keys are sent again.
func TestOnlyRecordsOfTheSameKeyAreOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := newTestSender(t, time.Minute)
		var mu sync.Mutex
		ended := make(map[string]error)
		send := func(key, value string) {
			s.Send(keyed(key, value, time.Now()), func(b *batching.Batch, err error) {
				mu.Lock()
				defer mu.Unlock()
				ended[string(b.Value)] = err
			})
		}
		send("a", "a1")
		send("b", "b1")
		send("a", "a2")
		records := client.records
		client.records = nil
		records[0].promise(records[0].record, kerr.PolicyViolation)
		records[1].promise(records[1].record, kerr.PolicyViolation)
		records[2].promise(records[2].record, nil)
		for range 10 {
			time.Sleep(time.Second)
			client.end(nil)
		}
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if err, ok := ended["a2"]; !ok || err != nil {
			t.Errorf("a2 ended with %v", err)
		}
		if err, ok := ended["b1"]; !ok || err != nil {
			t.Errorf("b1, which no record of its key has overtaken, ended with %v", err)
		}
		var failure *batching.SendError
		if err := ended["a1"]; !errors.As(err, &failure) || !errors.Is(err, errOvertaken) ||
			!strings.Contains(err.Error(), "POLICY_VIOLATION") {
			t.Errorf("a1, which a2 has overtaken, ended with %v", err)
		}
	})
}
