package main

//lint:file-ignore SA1019 the SDK prefers a newer model that only Grafana 12 and newer can import; the classic one is read by all.

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// The classic model of a dashboard, which every Grafana in use imports and provisions.
type (
	classic        = dashboard.Dashboard
	classicBuilder = dashboard.DashboardBuilder
)

func newClassic(title string) *classicBuilder { return dashboard.NewDashboardBuilder(title) }
