import { removeAt } from '../../project/index.ts';
import { firstOf, type Step } from '../step.ts';

/** v0.33.1 config/options_check.go, those to which nothing of today corresponds. */
const GONE: Readonly<Record<string, string>> = {
  idp_service_account: 'directories are no longer synchronised; groups come as a claim',
  idp_refresh_directory_timeout: 'directories are no longer synchronised',
  idp_refresh_directory_interval: 'directories are no longer synchronised',
  idp_qps: 'directories are no longer synchronised',
  tracing_datadog_address: 'traces go by OpenTelemetry: otel_exporter_otlp_endpoint',
  tracing_jaeger_collector_endpoint: 'traces go by OpenTelemetry: otel_exporter_otlp_endpoint',
  tracing_jaeger_agent_endpoint: 'traces go by OpenTelemetry: otel_exporter_otlp_endpoint',
  tracing_zipkin_endpoint: 'traces go by OpenTelemetry: otel_exporter_otlp_endpoint',
  tracing_provider: 'traces go by OpenTelemetry: otel_traces_exporter',
  tracing_sample_rate: 'traces go by OpenTelemetry: otel_traces_sampler_arg',
};

export const removedKeys: Step = {
  id: 'removed-keys',
  why: 'Pomerium exits when it meets a key that was removed',
  apply({ text, data }) {
    return firstOf(Object.entries(GONE), ([key, reason]) =>
      key in data ? { text: removeAt(text, [key]), what: `\`${key}\` is deleted: ${reason}` } : undefined,
    );
  },
};
