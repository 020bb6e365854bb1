package selfmetrics

// sums are what a line through some flows is made from.
type sums struct{ n, t, tt, y, ty, yy float64 }

func (s sums) plus(t, y float64) sums {
	return sums{s.n + 1, s.t + t, s.tt + t*t, s.y + y, s.ty + t*y, s.yy + y*y}
}

func (s sums) minus(o *sums) sums {
	return sums{s.n - o.n, s.t - o.t, s.tt - o.tt, s.y - o.y, s.ty - o.ty, s.yy - o.yy}
}

// fit is a line through flows: its value now and its growth, what it leaves unexplained (a sum of
// squares), and the variances of its value and of its growth as shares of that of one flow.
type fit struct{ slope, growth, left, spread, growthSpread float64 }

func (s *sums) flat() fit {
	if s.n == 0 {
		return fit{}
	}
	mean := s.y / s.n
	return fit{slope: mean, left: max(s.yy-mean*s.y, 0), spread: 1 / s.n}
}

func (s *sums) line() fit {
	det := s.n*s.tt - s.t*s.t
	if s.n < 3 || det <= 0 {
		return s.flat()
	}
	growth := (s.n*s.ty - s.t*s.y) / det
	now := (s.y - growth*s.t) / s.n
	return fit{slope: now, growth: growth, left: max(s.yy-now*s.y-growth*s.ty, 0),
		spread: s.tt / det, growthSpread: s.n / det}
}

// hinge fits a mean that bends into a line span seconds ago: its growth began with nothing. newer
// are the flows since then.
func (s *sums) hinge(newer *sums, span float64) fit {
	u, uu, uy := newer.t+newer.n*span, newer.tt+2*span*newer.t+newer.n*span*span,
		newer.ty+span*newer.y
	det := s.n*uu - u*u
	if newer.n < 3 || det <= 0 {
		return s.flat()
	}
	mean := (uu*s.y - u*uy) / det
	growth := (s.n*uy - u*s.y) / det
	return fit{
		slope: mean + growth*span, growth: growth, left: max(s.yy-mean*s.y-growth*uy, 0),
		spread: (uu - 2*span*u + s.n*span*span) / det, growthSpread: s.n / det,
	}
}
