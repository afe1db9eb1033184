-- Orders for wrk: one unit each, under a new key. Arguments: file of tokens, product, prefix of the keys.
local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init(args)
  tokens = {}
  for token in io.lines(args[1]) do tokens[#tokens + 1] = token end
  body = '{"items":[{"productId":"' .. args[2] .. '","quantity":1}]}'
  prefix = args[3] .. number .. "-"
  count = 0
  math.randomseed(number)
end

function request()
  count = count + 1
  local token = tokens[math.random(#tokens)]
  return wrk.format("POST", "/orders", {
    ["Authorization"] = "Bearer " .. token,
    ["Content-Type"] = "application/json",
    ["Idempotency-Key"] = prefix .. count,
  }, body)
end

function done(summary, latency, requests)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('{"requests":%d,"durationUs":%d,"failed":%d,"p50Us":%d,"p90Us":%d,"p99Us":%d,"maxUs":%d}\n',
    summary.requests, summary.duration, failed, latency:percentile(50), latency:percentile(90),
    latency:percentile(99), latency.max))
end
