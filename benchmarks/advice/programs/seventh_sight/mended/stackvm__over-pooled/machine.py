from frames import Frame, FrameStore


class Machine:
    def __init__(self, functions, image):
        self.functions = functions
        self.image = image
        self.frames = FrameStore()
        self.calls = 0

    def enter(self, name, arguments, caller):
        self.calls += 1
        return Frame(self.functions[name], arguments, caller)

    def leave(self, frame):
        caller = frame.caller
        return caller

    def run(self, name, *arguments):
        frame = self.enter(name, arguments, None)
        while True:
            op, operand = frame.code[frame.counter]
            frame.counter += 1
            stack = frame.stack
            if op == "load":
                stack.append(frame.slots[operand])
            elif op == "call":
                name, count = operand
                passed = stack[-count:]
                del stack[-count:]
                frame = self.enter(name, passed, frame)
            elif op == "return":
                value = stack.pop()
                frame = self.leave(frame)
                if frame is None:
                    return value
                frame.stack.append(value)
            elif op == "push":
                stack.append(operand)
            elif op == "add":
                right = stack.pop()
                stack[-1] += right
            elif op == "peek":
                stack[-1] = self.image[(stack[-1] * 7919 + self.calls * operand) % len(self.image)]
            else:
                raise ValueError(op)
