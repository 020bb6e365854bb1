package kafka

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"github.com/dashstream/dashstream-go/internal/kafka"
)

func TestStatsTellWhatHappened(t *testing.T) {
	setup{partitions: 3}.run(t, func(b *bench) {
		for i := range 200 {
			b.send(fmt.Sprint("thread ", i%20))
			time.Sleep(10 * time.Millisecond)
		}
		b.settle(time.Second)
		st := b.sender.Stats()
		if st.Requests == 0 || st.Requests > 200 || st.Retries != 0 || st.Transient != 0 ||
			st.Permanent != 0 {
			t.Errorf("without trouble: %+v", st)
		}
		if st.UncompressedBytes < 200*100 || st.CompressedBytes != st.UncompressedBytes ||
			st.WireBytes <= st.CompressedBytes {
			t.Errorf("bytes without compression: %+v", st)
		}
		if st.Connections < 1 || st.ConnectFailures != 0 || st.BufferedRecords != 0 ||
			st.LastError != "" || !st.LastErrorAt.IsZero() {
			t.Errorf("connections without trouble: %+v", st)
		}

		b.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotEnoughReplicas,
			Count: 2})
		b.send("thread")
		b.settle(10 * time.Second)
		if st := b.sender.Stats(); st.Retries != 2 || st.Transient != 2 || st.Permanent != 0 {
			t.Errorf("after two answers that allow another try: %+v", st)
		}

		b.faults.die()
		b.send("thread")
		time.Sleep(10 * time.Second)
		st = b.sender.Stats()
		if st.Connections != 0 || st.ConnectFailures == 0 || st.BufferedRecords != 1 {
			t.Errorf("without brokers: %+v", st)
		}
		if !strings.Contains(st.LastError, "connection refused") ||
			time.Since(st.LastErrorAt) > 10*time.Second {
			t.Errorf("without brokers the last error is %q of %v", st.LastError, st.LastErrorAt)
		}
		b.faults.goOn()
		b.settle(10 * time.Second)
		b.close()
		if st := b.sender.Stats(); st.Connections != 0 || st.Connects != st.Disconnects ||
			st.BufferedRecords != 0 {
			t.Errorf("after Close: %+v", st)
		}
	})
}

// Whatever the codec, and however old the brokers, any client can read the topic.
func TestCodecsAndBrokerVersions(t *testing.T) {
	type variant struct {
		compression kafka.Compression
		versions    *kversion.Versions
		codec       kgo.CompressionCodecType
	}
	for _, v := range []variant{
		{kafka.Zstd, nil, kgo.CodecZstd},
		{kafka.LZ4, nil, kgo.CodecLz4},
		{kafka.Snappy, nil, kgo.CodecSnappy},
		{kafka.None, nil, kgo.CodecNone},
		{kafka.Zstd, kversion.V3_0_0(), kgo.CodecZstd},
		{kafka.Zstd, kversion.V2_1_0(), kgo.CodecZstd},
		{kafka.Zstd, kversion.V1_0_0(), kgo.CodecNone}, // zstd came with 2.1
		{kafka.LZ4, kversion.V0_11_0(), kgo.CodecLz4},
	} {
		name := string(v.compression)
		options := []kfake.Opt{kfake.NumBrokers(1), kfake.SeedTopics(3, topic)}
		if v.versions != nil {
			name += " " + v.versions.VersionGuess()
			options = append(options, kfake.MaxVersions(v.versions))
		}
		t.Run(name, func(t *testing.T) {
			cluster, err := kfake.NewCluster(options...)
			if err != nil {
				t.Fatal(err)
			}
			defer cluster.Close()
			b := newBench(t, cluster.ListenAddrs(), topic, new(net.Dialer).DialContext)
			b.open(func(c *kafka.Config) { c.Compression = v.compression })
			defer b.close()
			for i := range 500 {
				b.sendSized(fmt.Sprint("thread ", i%20), 1000)
			}
			b.settle(20 * time.Second)
			b.wantAll("delivered")
			b.sound(true)
			if codec := firstCodec(t, b); codec != v.codec {
				t.Errorf("the records are compressed by codec %d, want %d", codec, v.codec)
			}
			st := b.sender.Stats()
			if smaller := st.CompressedBytes < st.UncompressedBytes/5; smaller !=
				(v.codec != kgo.CodecNone) {
				t.Errorf("%d bytes were made of %d", st.CompressedBytes, st.UncompressedBytes)
			}
		})
	}
}

func firstCodec(t *testing.T, b *bench) kgo.CompressionCodecType {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(b.brokers...), kgo.ConsumeTopics(b.topic),
		kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	records := client.PollFetches(ctx).Records()
	if len(records) == 0 {
		t.Fatal("nothing to read")
	}
	return kgo.CompressionCodecType(records[0].Attrs.CompressionType())
}
