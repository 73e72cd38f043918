
-- Each thread hands in its own attempts, each once; a second hand-in would be cheaper than a first and flatter the row.
local thread_number = 0
function setup(thread) thread:set("part", thread_number) thread_number = thread_number + 1 end
local count = 0
function request()
  count = count + 1
  local place = FIRST * 400 + count * 2 + part
  local target = targets[place < #targets - 2 and place or 1]
  return wrk.format("POST", "/attempts/" .. target.attempt .. "/hand-in",
    { ["Cookie"] = target.cookie, ["X-CSRFToken"] = target.csrf, ["Origin"] = wrk.scheme .. "://" .. wrk.host .. ":" .. wrk.port, ["Content-Type"] = "application/x-www-form-urlencoded" }, "")
end
