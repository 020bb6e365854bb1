// Package selfmetrics publishes what a producer knows about itself: to Prometheus, and in band on
// the topic itself.
//
// It reads one thing, the snapshot [Stats], and is read by nobody in the pipe: without it
// everything else works the same. A [Collector] turns the snapshot into metrics when Prometheus
// asks; [Collector.Samples] says the same under the same names for the in-band report, which a
// [Reporter] sends when it is due. All metrics are in one list, [Definitions].
//
// # Reading the metrics
//
// Every series exists at 0 from the start, counters are cumulative, times are time stamps rather
// than ages (0: not yet), and the values of all labels come from closed lists. Every metric also
// has the label client, a number that tells the clients of one process apart, so that a restart
// adds no series. The id of the producer instance is the label producer of dashstream_build_info
// alone.
//
// The account balances in every snapshot, for each message_type:
//
//	emitted = delivered + unacknowledged + unchanged + dropped (all reasons) + queued + in_flight
//
// [Handler] serves a page with the same figures for people without Grafana. The dashboard, alert
// rules and runbook are in the package dashboards below this one.
//
// Histograms carry classic and native buckets at once: Prometheus takes the native ones if it is
// told to scrape them, else the classic.
//
// # Metrics
//
//	dashstream_events_emitted_total{message_type}             counter    events
//	dashstream_events_accepted_total{message_type}            counter    events
//	dashstream_queue_blocked_callers                          gauge      callers
//	dashstream_attribute_panics_total                         counter    values
//	dashstream_invalid_utf8_strings_total                     counter    strings
//	dashstream_renamed_attributes_total                       counter    attributes
//	dashstream_corrected_times_total                          counter    events
//	dashstream_unended_total                                  counter    starts
//	dashstream_emit_duration_seconds                          histogram  seconds
//	dashstream_redactions_total{rule}                         counter    values
//	dashstream_runs_active                                    gauge      runs
//	dashstream_threads_active                                 gauge      threads
//	dashstream_threads_remembered                             gauge      threads
//	dashstream_events_unchanged_total{message_type}           counter    events
//	dashstream_state_messages_total{form}                     counter    messages
//	dashstream_state_bytes_total                              counter    bytes
//	dashstream_state_added_total                              counter    messages
//	dashstream_state_diff_degraded_total{reason}              counter    messages
//	dashstream_state_baselines                                gauge      threads
//	dashstream_state_baseline_bytes                           gauge      bytes
//	dashstream_state_baseline_capacity_bytes                  gauge      bytes
//	dashstream_state_baselines_evicted_total                  counter    threads
//	dashstream_telemetry_queue_depth                          gauge      events
//	dashstream_events_queued{message_type}                    gauge      events
//	dashstream_events_in_flight{message_type}                 gauge      events
//	dashstream_queue_capacity_events                          gauge      events
//	dashstream_queue_high_water_events                        gauge      events
//	dashstream_queue_bytes                                    gauge      bytes
//	dashstream_queue_capacity_bytes                           gauge      bytes
//	dashstream_queue_high_water_bytes                         gauge      bytes
//	dashstream_queue_oldest_event_timestamp_seconds           gauge      seconds
//	dashstream_batches_sealed_total{trigger}                  counter    batches
//	dashstream_telemetry_pending_tasks                        gauge      batches
//	dashstream_forecast_seconds_to_loss{limit}                gauge      seconds
//	dashstream_seconds_to_first_loss                          gauge      seconds
//	dashstream_limit_used_ratio{limit}                        gauge      ratio
//	dashstream_pressure_ratio                                 gauge      ratio
//	dashstream_pressure_level                                 gauge      1
//	dashstream_pressure_changes_total{level}                  counter    changes
//	dashstream_pressure_driver{driver}                        gauge      1
//	dashstream_pressure_limit{limit}                          gauge      1
//	dashstream_pressure_judgement{judgement}                  gauge      1
//	dashstream_pressure_seconds_to_loss                       gauge      seconds
//	dashstream_not_acknowledged_seconds                       gauge      seconds
//	dashstream_queue_inflow_bytes_per_second                  gauge      bytes
//	dashstream_queue_outflow_bytes_per_second                 gauge      bytes
//	dashstream_queue_inflow_events_per_second                 gauge      events
//	dashstream_queue_outflow_events_per_second                gauge      events
//	dashstream_telemetry_inflight_permits                     gauge      permits
//	dashstream_telemetry_max_permits                          gauge      permits
//	dashstream_permits_high_water                             gauge      permits
//	dashstream_worker_heartbeat_timestamp_seconds             gauge      seconds
//	dashstream_worker_restarts_total                          counter    restarts
//	dashstream_send_requests_total                            counter    requests
//	dashstream_send_retries_total                             counter    requests
//	dashstream_send_errors_total{class}                       counter    tries
//	dashstream_send_last_error_timestamp_seconds              gauge      seconds
//	dashstream_send_uncompressed_bytes_total                  counter    bytes
//	dashstream_send_compressed_bytes_total                    counter    bytes
//	dashstream_send_wire_bytes_total                          counter    bytes
//	dashstream_send_throttles_total                           counter    throttles
//	dashstream_send_throttled_seconds_total                   counter    seconds
//	dashstream_connections                                    gauge      connections
//	dashstream_connects_total                                 counter    connections
//	dashstream_disconnects_total                              counter    connections
//	dashstream_connect_failures_total                         counter    connections
//	dashstream_stalled_partitions                             gauge      partitions
//	dashstream_stalled_since_timestamp_seconds                gauge      seconds
//	dashstream_send_buffered_records                          gauge      records
//	dashstream_queue_wait_seconds                             histogram  seconds
//	dashstream_permit_wait_seconds                            histogram  seconds
//	dashstream_send_duration_seconds{outcome}                 histogram  seconds
//	dashstream_emit_to_ack_seconds                            histogram  seconds
//	dashstream_queue_wait_max_seconds                         gauge      seconds
//	dashstream_permit_wait_max_seconds                        gauge      seconds
//	dashstream_send_duration_max_seconds{outcome}             gauge      seconds
//	dashstream_emit_to_ack_max_seconds                        gauge      seconds
//	dashstream_last_ack_timestamp_seconds                     gauge      seconds
//	dashstream_events_delivered_total{message_type}           counter    events
//	dashstream_events_unacknowledged_total{message_type}      counter    events
//	dashstream_telemetry_dropped_total{message_type,reason}   counter    events
//	dashstream_telemetry_send_failures_total{message_type}    counter    events
//	dashstream_messages_sent_total{message_type}              counter    messages
//	dashstream_loss_statements_sent_total                     counter    statements
//	dashstream_loss_statements_failed_total                   counter    statements
//	dashstream_losses_stated_total                            counter    events
//	dashstream_losses_unstated_total                          counter    events
//	dashstream_shed_total{class}                              counter    events
//	dashstream_runs_not_sampled_total                         counter    runs
//	dashstream_runs_kept_for_errors_total                     counter    runs
//	dashstream_config_sample_rate                             gauge      ratio
//	dashstream_reports_sent_total                             counter    reports
//	dashstream_reports_failed_total                           counter    reports
//	dashstream_snapshot_timestamp_seconds                     gauge      seconds
//	dashstream_start_time_seconds                             gauge      seconds
//	dashstream_producer_epoch                                 gauge      1
//	dashstream_build_info{goversion,producer,service,version}  gauge      1
//	dashstream_config_info{compression,overflow,topic}        gauge      1
//	dashstream_config_batch_bytes                             gauge      bytes
//	dashstream_config_batch_events                            gauge      events
//	dashstream_config_max_message_bytes                       gauge      bytes
//	dashstream_config_linger_seconds                          gauge      seconds
//	dashstream_config_block_timeout_seconds                   gauge      seconds
//	dashstream_config_delivery_timeout_seconds                gauge      seconds
package selfmetrics
