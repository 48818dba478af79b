print("duel")
