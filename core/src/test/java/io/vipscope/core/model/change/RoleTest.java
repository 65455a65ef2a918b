package io.vipscope.core.model.change;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RoleTest {

  @Test
  void eachRoleHasAnOther() {
    assertEquals(Role.BACKUP, Role.MASTER.other());
    assertEquals(Role.MASTER, Role.BACKUP.other());
  }
}
