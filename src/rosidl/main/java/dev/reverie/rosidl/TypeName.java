package dev.reverie.rosidl;

/** Names a message type: {@code std_msgs} and {@code Header}. */
record TypeName(String pkg, String name) {
  String full() {
    return pkg + "/msg/" + name;
  }

  @Override
  public String toString() {
    return pkg + "/" + name;
  }
}
