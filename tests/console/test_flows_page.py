"""The flows page: pictures with counts, the review, and a talk with the bot that pages nobody."""


def test_every_part_of_the_conversation_is_drawn(ana, line):
    for chart in line.services.content.live.charts:
        page = ana.get("/console/flows", query_string={"chart": chart.name}).text
        assert "<svg" in page
        assert chart.title in page


def test_the_picture_says_how_many_callers_are_at_a_question(ana, line):
    line.text("+12025550171", "hi")
    line.text("+12025550172", "hi")
    key = line.services.store.vault.caller_key("+12025550171")
    node = line.services.store.transact(lambda tx: tx.session(f"sms-{key}")).node
    chart = next(one for one in line.services.content.live.charts if node in one.nodes)
    assert "2 here" in ana.get("/console/flows", query_string={"chart": chart.name}).text
    line.clock.forward(minutes=31)
    assert "2 here" not in ana.get("/console/flows", query_string={"chart": chart.name}).text


def test_the_review_is_shown(ana):
    assert "Nothing to mend" in ana.get("/console/flows").text


def test_a_talk_answers_as_the_bot_would_and_opens_nothing(ana, line):
    ana.get("/console/flows/talk")
    page = ana.post("/console/flows/talk", text="my friend took too much and wont wake up")
    assert "CALL 911 NOW" in page.text
    assert "NeedPerson" in page.text
    page = ana.post("/console/flows/talk", said="my friend took too much and wont wake up", text="/nonsense")
    assert page.status_code == 200
    assert line.services.store.open_cases() == ()


def test_the_words_of_a_talk_are_shown_as_words(ana):
    ana.get("/console/flows/talk")
    assert "<b>bold" not in ana.post("/console/flows/talk", text="<b>bold").text
