package main

import (
	"testing"

	"github.com/dashstream/dashstream-go/benchmarks/internal/measure"
)

func TestRowsSayWhoIsFaster(t *testing.T) {
	rows := []row{
		{Case: "a", Contender: nameDashstream, NsPerOp: 10, Delivered: 100, Note: "a note"},
		{Case: "a", Contender: nameUnredacted, NsPerOp: 7, Delivered: 100},
		{Case: "a", Contender: nameBare, NsPerOp: 1, Delivered: 100},
		{Case: "a", Contender: "zerolog", NsPerOp: 8, Delivered: 100},
		{Case: "a", Contender: "sarama", NsPerOp: 3, Delivered: 50},
		{Case: "b", Contender: "segmentio", NsPerOp: 2, Delivered: 100},
		{Contender: nameDashstream, Compression: "zstd", CPUPerOp: 10, Delivered: 100},
		{Contender: "otel spans", Compression: "gzip", CPUPerOp: 9, Delivered: 100},
		{Contender: "franz-go", Compression: "none", CPUPerOp: 9, Delivered: 100},
		{Case: "c", Contender: nameDashstream, EmitToAck: measure.Quantiles{P50: 3}, PeakHeap: 5,
			Delivered: 100},
		{Case: "c", Contender: "franz-go", EmitToAck: measure.Quantiles{P50: 2}, PeakHeap: 4,
			Delivered: 100},
		{Case: "c", Contender: "sarama", EmitToAck: measure.Quantiles{P50: 1}, PeakHeap: 6,
			Delivered: 99},
	}
	sayFaster(rows)
	for i, want := range map[int]string{0: "a note; faster: zerolog", 1: "", 3: "",
		6: "faster: otel spans", 9: "sooner acknowledged: franz-go; less memory: franz-go"} {
		if rows[i].Note != want {
			t.Errorf("row %d says %q, want %q", i, rows[i].Note, want)
		}
	}
}
