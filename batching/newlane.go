package batching

// NewLane returns a new lane, initialized as by [Lane.Init].
func (e *Engine) NewLane(key string, data any, headroom int, last uint64) *Lane {
	l := new(Lane)
	l.Init(e, []byte(key), data, headroom, last)
	return l
}

// Init initializes a zero Lane for a key. It is for a Lane that is embedded in its user, so that
// both are close in memory. A Lane must not be copied after Init.
//
// key is kept and must not change. data is for Seal, which finds it in [Batch.Lane]. headroom is
// the number of bytes that Seal needs in front of a batch's body. The first message has the
// sequence number last+1.
func (l *Lane) Init(e *Engine, key []byte, data any, headroom int, last uint64) {
	l.shard = &e.shards[e.laneCount.Add(1)%uint64(len(e.shards))]
	l.key, l.data, l.headroom = key, data, headroom
	l.next, l.hint, l.window = last+1, firstHint, e.cfg.window
	l.rank = rank(key, l.next)
	l.width.Store(uint32(varintLen(l.next)))
}
