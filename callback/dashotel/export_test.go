package dashotel

// WithMaxOpen bounds the spans that are open at once.
func WithMaxOpen(n int) Option { return func(o *options) { o.maxOpen = n } }
