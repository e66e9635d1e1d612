# message objects made when needed
class Message:
    def __init__(self):
        self.body = None
        self.to = None


sent = 0
for i in range(60_000):
    m = Message()
    m.body, m.to = "hello", i
    sent += len(m.body)
print(sent)
