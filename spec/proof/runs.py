"""Short runs of the model from its beginning. A proof about actions that can never happen would show nothing: here each
of them does. What a run says is fixed, what it leaves open the solver finds: see play.py."""

# A line is an action with what it is about, `so` with what holds then, `cannot` with an action that is impossible then,
# or `against` with a goal that does not hold then. A device is named after its user, bo2 is called n2 among bo's.
CALL_BO = '''
        open_room R=hall
        enter R=hall U=ana D=ana1
        tap_call Q=ask D=ana1
        call Q=ask X=1 callees=1:bo T=30'''
EXPECTED = CALL_BO + '''
        open_room R=yard
        answer_unnamed C=1 D=bo1 YES T=30'''
RUNS = {
    'two devices answer, one joins': CALL_BO + '''
        so phase 1 live
        hear_ring D=bo1 C=1
        hear_ring D=bo2 C=1
        tap_accept Q=yes1 D=bo1 C=1
        tap_accept Q=yes2 D=bo2 C=1
        accept Q=yes1
        answer_late Q=yes2
        hear_won Q=yes1
        hear_lost Q=yes2 P=accepted W=bo1
        so joined bo1 1
        so not joined bo2 1
        cannot tap_accept Q=more D=bo2 C=1
        enter R=hall U=bo D=bo1
        hear_ring D=bo2 C=1
        so not known bo2 1''',
    'who accepts is expected': EXPECTED + '''
        so expected 1
        tap_call Q=again D=ana1
        cannot call Q=again X=2 callees=2:bo NEVER
        enter R=hall U=cy D=cy1
        enter R=yard U=bo D=bo2
        so expected 1
        tick AT=20
        so expected 1
        tick AT=30
        so not expected 1
        call Q=again X=2 callees=2:bo NEVER''',
    'who was expected comes, is removed, is listed': EXPECTED + '''
        enter R=hall U=bo D=bo1 V=s1
        so not expected 1
        remove R=hall U=bo D=ana1
        so not inside bo hall
        so past bo hall s1
        cannot enter R=hall U=bo D=bo1 V=s1
        tap_call Q=again D=ana1
        call Q=again X=2 callees=2:bo NEVER
        answer_unnamed C=2 D=bo1 YES T=30
        remove R=hall U=bo D=nobody
        so not expected 2
        tap_call Q=too D=ana1
        call Q=too X=3 callees=3:bo NEVER
        answer_unnamed C=3 D=bo1 YES T=30
        list_present R=hall NAMED=bo THERE=bo:n1:s1 OVER=
        so not expected 3
        so inside bo hall
        so not inside ana hall
        so not past bo hall s1''',
    'presences begin and end': '''
        open_room R=hall
        leave R=hall U=bo I=n2 V=s2
        so past bo hall s2
        enter R=hall U=bo D=bo1 V=s1
        enter_again R=hall U=bo I=unnamed V=s1
        so not present bo hall unnamed s1
        enter_again R=hall U=bo I=n2 V=s2
        so not present bo hall n2 s2
        forget_session R=hall U=bo V=s2
        enter_again R=hall U=bo I=n2 V=s2
        leave R=hall U=bo I=n1 V=s1
        so not present bo hall n1 s1
        so inside bo hall
        enter_again R=hall U=bo I=unnamed V=s3
        crowd_out R=hall U=bo I=n2 V=s2
        so past bo hall s2
        leave R=hall U=bo I=unnamed V=no_session
        so past bo hall s3
        so not inside bo hall
        dissolve R=hall D=nobody
        so not past bo hall s3''',
    'a list states who is there': '''
        open_room R=hall
        open_room R=yard
        enter R=hall U=ana D=ana1
        enter R=hall U=dee D=dee1
        tap_call Q=ask D=ana1
        tap_call Q=too D=dee1
        call Q=ask X=1 callees=1:bo T=30
        call Q=too X=2 callees=2:cy T=30
        list_present R=hall NAMED=dee,cy THERE=dee:n1:s1,cy:unnamed:no_session arrival=2:nobody
        so phase 1 cancelled
        so phase 2 entered''',
    'an answer is tapped again': CALL_BO + '''
        hear_ring D=bo1 C=1
        tap_accept Q=yes1 D=bo1 C=1
        accept Q=yes1
        refuse Q=yes1
        hear_refused Q=yes1
        tap_accept Q=yes2 D=bo1 C=1
        answer_again Q=yes2
        hear_won Q=yes2
        so joined bo1 1''',
    'a reject, and a call that one enters': '''
        open_room R=hall
        open_room R=yard
        enter R=hall U=ana D=ana1
        tap_call Q=ask D=ana1
        call Q=ask X=1,2 callees=1:bo,2:cy T=30
        hear_ring D=bo1 C=1
        tap_reject Q=no D=bo1 C=1
        reject_call Q=no
        hear_won Q=no
        so kept 1
        evict C=1
        enter R=yard U=cy D=cy1
        so phase 2 inOtherRoom
        hear_ring D=cy1 C=2
        so known cy1 2
        hear_stop D=cy1 C=2 P=inOtherRoom W=nobody
        so not known cy1 2
        tap_call Q=again D=ana1
        call Q=again X=3 callees=3:cy T=30
        so phase 3 inOtherRoom
        so not rung 3''',
    'timed out, cancelled, revoked, entered': '''
        open_room R=hall
        enter R=hall U=ana D=ana1
        tap_call Q=ask D=ana1
        call Q=ask X=1,2,3 callees=1:bo,2:cy,3:dee T=30
        tick AT=20
        cancel U=ana D=ana1 R=hall X=3
        tick AT=30
        so phase 1 timedOut
        so phase 2 timedOut
        so phase 3 cancelled
        cannot revoke R=hall D=nobody X=1
        tap_call Q=again D=ana1
        call Q=again X=4,5 callees=4:bo,5:cy NEVER
        so not kept 1
        tick AT=40
        answer_unnamed C=5 D=cy1 YES
        so phase 5 accepted
        tap_call Q=more D=ana1
        call Q=more X=6 callees=6:cy NEVER
        enter R=hall U=cy D=cy1
        so phase 6 entered
        revoke R=hall D=nobody X=4
        so phase 4 revoked''',
    'the caller leaves, the room is dissolved': '''
        open_room R=hall
        enter R=hall U=ana D=ana1
        enter R=hall U=dee D=dee1
        tap_call Q=ask D=ana1
        tap_call Q=too D=dee1
        call Q=ask X=1 callees=1:bo T=30
        call Q=too X=2 callees=2:cy T=30
        leave U=ana R=hall
        so phase 1 cancelled
        hear_ring D=cy1 C=2
        tap_accept Q=yes D=cy1 C=2
        dissolve R=hall D=dee1
        so phase 2 revoked
        answer_nothing Q=yes
        hear_gone Q=yes
        so learned cy1 2''',
    'a snapshot comes late': CALL_BO + '''
        ask D=bo1 N=1
        answer_snapshot S=1 D=bo1 N=1
        answer_snapshot S=2 D=bo1 N=1
        apply_snapshot D=bo1 S=1 L=1
        so known bo1 1
        cannot apply_snapshot D=bo1 S=2
        tap_accept Q=yes D=bo1 C=1
        give_up D=bo1 C=1
        revoke R=hall D=ana1 X=1
        hear_stop D=bo1 C=1 P=revoked W=ana1
        so over bo1 1
        ask D=bo1 N=2
        stop_asking D=bo1
        ask D=bo1 N=3
        answer_snapshot S=3 D=bo1 N=3 M=1
        apply_snapshot D=bo1 S=3
        so not over bo1 1
        so heard bo1 1 revoked''',
    'an ending is forgotten': '''
        open_room R=hall
        enter R=hall U=ana D=ana1
        tap_call Q=ask D=ana1
        call Q=ask X=1,2 callees=1:bo,2:cy T=30
        ask D=bo1 N=1
        answer_snapshot S=1 D=bo1 N=1
        hear_ring D=bo1 C=1
        tick AT=30
        hear_stop D=bo1 C=1 P=timedOut W=nobody
        forget_ending D=bo1 C=1
        so outdated bo1 1
        ask D=bo1 N=2
        ask_anew D=bo1
        so not asking bo1 2
        cannot apply_snapshot D=bo1 S=1
        hear_ring D=bo1 C=1
        so not known bo1 1''',
}

ENTER_BO = '''
        open_room R=hall
        enter R=hall U=bo D=bo1 V=s1'''

# What each break does harm to: a run that is possible with it, and without it is not.
HARMS = {
    'enter-a-past-session': ENTER_BO + '''
        leave R=hall U=bo I=n1 V=s1
        enter R=hall U=bo D=bo1 V=s1
        against S9_there_while_present''',
    'enter-beside-the-last': ENTER_BO + '''
        enter_again R=hall U=bo I=n1 V=s2
        against S9_there_while_present''',
    'leave-at-once': ENTER_BO + '''
        enter_again R=hall U=bo I=n2 V=s2
        leave R=hall U=bo I=n1 V=s1
        against S9_there_while_present''',
    'leave-without-memory': '''
        open_room R=hall
        leave R=hall U=bo I=n1 V=s1
        against S11_in_any_order''',
    'leave-and-ring': CALL_BO + '''
        leave R=hall U=ana
        so not inside ana hall
        against S12_somebody_to_join''',
    'come-and-be-expected': EXPECTED + '''
        enter R=hall U=bo D=bo1
        against S10_who_accepts_is_expected''',
    'list-and-expect': EXPECTED + '''
        list_present R=hall NAMED=ana,bo
        against S10_who_accepts_is_expected''',
    'dissolve-and-expect': EXPECTED + '''
        dissolve R=hall D=ana1
        against S10_who_accepts_is_expected''',
    'call-who-is-expected': EXPECTED + '''
        tap_call Q=again D=ana1
        call Q=again X=2 callees=2:bo NEVER
        against S10_who_accepts_is_expected''',
    'accept-without-deadline': CALL_BO + '''
        answer_unnamed C=1 D=bo1 YES T=0
        against S10_who_accepts_is_expected''',
    'expect-for-ever': EXPECTED + '''
        tick AT=30
        against S10_who_accepts_is_expected''',
    'accept-what-ended': CALL_BO + '''
        hear_ring D=bo1 C=1
        hear_ring D=bo2 C=1
        tap_accept Q=yes1 D=bo1 C=1
        tap_accept Q=yes2 D=bo2 C=1
        accept Q=yes1
        hear_won Q=yes1
        accept Q=yes2
        hear_won Q=yes2
        against S3_one_device_joins''',
    'answer-before-clock': CALL_BO + '''
        hear_ring D=bo1 C=1
        tap_accept Q=yes D=bo1 C=1
        accept Q=yes AT=30
        against S5_no_answer_at_the_deadline''',
    'call-who-rings': CALL_BO + '''
        tap_call Q=again D=ana1
        call Q=again X=2 callees=2:bo T=30
        against S1_single_active_call''',
    'ring-where-they-are': CALL_BO + '''
        open_room R=yard
        enter R=yard U=bo D=bo1
        against S1_single_active_call''',
    'reuse-a-number': CALL_BO + '''
        revoke R=hall D=ana1 X=1
        tap_call Q=again D=ana1
        call Q=again X=1 callees=1:bo T=30
        against S2_one_ending''',
    'call-twice': CALL_BO + '''
        revoke R=hall D=ana1 X=1
        call Q=ask X=2 callees=2:bo T=30
        against S6_a_retry_has_one_effect''',
    'late-ring-rings': CALL_BO + '''
        revoke R=hall D=ana1 X=1
        hear_stop D=bo1 C=1 P=revoked W=ana1
        hear_ring D=bo1 C=1
        against S4_no_resurrection''',
    'stale-snapshot': CALL_BO + '''
        ask D=bo1 N=1
        answer_snapshot S=1 D=bo1 N=1
        revoke R=hall D=ana1 X=1
        answer_snapshot S=2 D=bo1 N=1 M=1
        apply_snapshot D=bo1 S=2
        apply_snapshot D=bo1 S=1 L=1
        against S4_no_resurrection''',
    'forget-and-listen': CALL_BO + '''
        ask D=bo1 N=1
        answer_snapshot S=1 D=bo1 N=1
        revoke R=hall D=ana1 X=1
        hear_stop D=bo1 C=1 P=revoked W=ana1
        forget_ending D=bo1 C=1
        apply_snapshot D=bo1 S=1 L=1
        against S4_no_resurrection''',
    'forget-without-floor': CALL_BO + '''
        revoke R=hall D=ana1 X=1
        hear_stop D=bo1 C=1 P=revoked W=ana1
        forget_ending D=bo1 C=1
        hear_ring D=bo1 C=1
        against S4_no_resurrection''',
    'own-echo': CALL_BO + '''
        hear_ring D=bo1 C=1
        hear_ring D=bo2 C=1
        tap_accept Q=yes1 D=bo1 C=1
        tap_accept Q=yes2 D=bo2 C=1
        accept Q=yes1
        hear_stop D=bo2 C=1 P=accepted W=bo1
        against S3_one_device_joins''',
    'snapshot-over-ending': CALL_BO + '''
        ask D=bo1 N=1
        answer_snapshot S=1 D=bo1 N=1
        revoke R=hall D=ana1 X=1
        hear_stop D=bo1 C=1 P=revoked W=ana1
        apply_snapshot D=bo1 S=1 L=1
        against S4_no_resurrection''',
}
