package batching

// NewLane returns a new lane, made as [Lane.Init] does.
func (e *Engine) NewLane(key string, data any, headroom int, last uint64) *Lane {
	l := new(Lane)
	l.Init(e, []byte(key), data, headroom, last)
	return l
}

// Init makes a zero Lane the lane of a key, for a lane that is a part of what uses it, which then
// finds it near itself in memory. It must not be copied afterwards.
//
// key is kept and must not change. data is for Seal, which finds it in [Batch.Lane]. headroom is
// the number of bytes that Seal needs in front of a batch's body. The first message has the
// sequence number last+1.
func (l *Lane) Init(e *Engine, key []byte, data any, headroom int, last uint64) {
	l.shard = &e.shards[e.laneCount.Add(1)%uint64(len(e.shards))]
	l.key, l.data, l.headroom = key, data, headroom
	l.next, l.hint, l.window = last+1, firstHint, e.cfg.window
	l.width.Store(uint32(varintLen(l.next)))
}
