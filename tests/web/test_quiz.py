def test_smoke(browser, statements):
    lin = browser("lin")
    for path in ["/quizzes"]:
        a = lin.get(path); assert a.status_code == 200, a.text[:2000]
    a = lin.post("/quizzes/m1/start"); print(a.status_code, a.location)
    a = lin.get(a.location); print(a.status_code, a.location)
    a = lin.get(a.location); print(a.status_code, len(a.text)); 
    for n in range(1, 20):
        a = lin.get(f"/attempts/1/{n}"); assert a.status_code == 200, a.text[-3000:]
    statements.clear(); lin.get("/attempts/1/3"); print("GET", len(statements), statements)
    statements.clear(); a = lin.post("/attempts/1/answers", json={"question": "m1-a-01", "response": "a", "sequence": 1, "key": "k1"}); print(a.json, len(statements), statements)
    statements.clear(); a = lin.post("/attempts/1/answers", json={"question": "m1-a-01", "response": "a", "sequence": 2, "key": "k1"}); print(a.json, len(statements))
    a = lin.get("/attempts/1/review"); assert a.status_code == 200, a.text
    statements.clear(); a = lin.post("/attempts/1/hand-in"); print(a.status_code, a.location, len(statements)); import collections; print(collections.Counter(" ".join(x.split()[:3]) for x in statements))
    statements.clear(); a = lin.get("/attempts/1/result"); print(a.status_code, len(statements))
    assert a.status_code == 200, a.text
    a = lin.get("/quizzes"); assert a.status_code == 200
