"""What clients ask for: requests are read one after the other, and each type has a module that answers it.

decoding.py   frames from clients become requests
handler.py    reads them, and calls what answers them
hello.py      who the client is, and its session
join.py       `join` and `leave`
replay.py     what the store has of a channel: what a client has missed, and `history`
publish.py    `publish`
call.py       `call`, and what streams need: `more` and `cancel`
"""
