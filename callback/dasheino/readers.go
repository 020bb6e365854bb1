package dasheino

import (
	"reflect"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/schema"
)

// readers are the readers of copies of one stream. The source of a stream continues until all of
// them have closed their copies, and Eino does not say which have. A handler that always reads to
// the end would keep a model running to which nobody listens any more. So the handler looks up the
// number of closed copies where Eino stores it. If that is not found, as may be the case in another
// version, no reader ever counts as alone, and a copy ends with its stream or its context. A nil
// *readers is that case.
type readers struct {
	stream unsafe.Pointer // the stream that was copied
	closed *uint32        // number of closed copies, counted atomically
	all    int
}

// ours counts the copies of a stream that handlers of this package read.
var ours = struct {
	sync.Mutex
	n map[unsafe.Pointer]int
}{n: map[unsafe.Pointer]int{}}

// readersOf finds the readers of the stream of which this is a converted copy, as Eino gives it to
// handlers.
func readersOf(stream *schema.StreamReader[callbacks.CallbackOutput]) (r *readers) {
	defer func() {
		if recover() != nil {
			r = nil
		}
	}()
	parent := copied(reflect.ValueOf(stream))
	if parent.Kind() != reflect.Pointer || parent.IsNil() {
		return nil
	}
	closed, list := path(parent, "closedNum"), path(parent, "subStreamList")
	if closed.Kind() != reflect.Uint32 || list.Kind() != reflect.Slice || list.Len() < 2 {
		return nil
	}
	r = &readers{stream: parent.UnsafePointer(), closed: (*uint32)(closed.Addr().UnsafePointer()),
		all: list.Len()}
	ours.Lock()
	defer ours.Unlock()
	ours.n[r.stream]++
	return r
}

// copied returns what a reader is a copy of, through conversions of it; no value if it is not a
// copy.
func copied(reader reflect.Value) reflect.Value {
	for range 10 {
		if child := path(reader, "csr"); child.Kind() == reflect.Pointer && !child.IsNil() {
			return path(child, "parent")
		}
		reader = path(reader, "srw", "sr")
	}
	return reflect.Value{}
}

// path follows the names of fields through pointers and interfaces. If a field is missing, it
// returns no value.
func path(v reflect.Value, names ...string) reflect.Value {
	for _, name := range names {
		for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct {
			return reflect.Value{}
		}
		v = v.FieldByName(name)
	}
	return v
}

// alone reports whether all other readers have closed their copies, not counting those of handlers
// like this one.
func (r *readers) alone() bool {
	if r == nil {
		return false
	}
	closed := int(atomic.LoadUint32(r.closed))
	if closed == 0 {
		return false
	}
	ours.Lock()
	defer ours.Unlock()
	return closed+ours.n[r.stream] >= r.all
}

// leave says that this copy is no longer read. Call it before the copy is closed.
func (r *readers) leave() {
	if r == nil {
		return
	}
	ours.Lock()
	defer ours.Unlock()
	if ours.n[r.stream]--; ours.n[r.stream] <= 0 {
		delete(ours.n, r.stream)
	}
}
