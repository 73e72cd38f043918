
-- Each thread saves the first answer of half of the learners in turn, with a growing sequence and a new key each time.
local thread_number = 0
function setup(thread) thread:set("part", thread_number) thread_number = thread_number + 1 end
local count = 0
function request()
  count = count + 1
  local target = targets[(count * 2 + part) % #targets + 1]
  local sequence = FIRST * 1000000 + count
  local body = string.format('{"question": "%s", "fields": {"%s": ["%s"]}, "sequence": %d, "key": "FIRST-%d-%d"}',
    target.question, target.question, ({"a", "b", "c", "d"})[count % 4 + 1], sequence, part, count)
  return wrk.format("POST", "/attempts/" .. target.attempt .. "/answers",
    { ["Cookie"] = target.cookie, ["X-CSRFToken"] = target.csrf, ["Origin"] = wrk.scheme .. "://" .. wrk.host .. ":" .. wrk.port, ["Content-Type"] = "application/json" }, body)
end
