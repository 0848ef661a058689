"""How mentions are asserted: one case a row, the mention in brackets, the attributes that must be true."""

import pytest

from hctap_core.evaluation import ASSERTIONS
from hctap_nlp.extraction import ScoredSpan
from hctap_nlp.extractors.rules import RulesExtractor

CASES = [
    # negation, forward
    ("No [fever].", "negated"),
    ("Denies [chest pain], [nausea] or [vomiting].", "negated"),
    ("No wheezing or [rales].", "negated"),
    ("There was no fever, elevated [C-reactive protein] and a cough.", ""),
    ("CT did not report hemorrhage and [angiography] showed an aneurysm.", ""),
    ("She did not have a history of renal disease: [creatinine] 1.23 mg/dL.", ""),
    ("He had not displayed any [seizures].", "negated"),
    ("[Chemotherapy] was not received.", "negated"),
    # what is said to be gone is not there, and was
    ("The [headache] disappeared.", "negated historical"),
    ("The [thrombus] was no longer seen.", "negated historical"),
    ("The [hiccups] ceased.", "negated historical"),
    ("She no longer complains of [dizziness].", "negated"),
    ("[Nausea] the last time she took codeine.", "historical"),
    ("Her [cough] and [vomiting] cleared with antibiotics.", "negated historical"),
    ("The [effusion] has almost resolved.", ""),
    ("Surgery once the [infection] is completely resolved.", ""),
    ("When the [pain] resolved he went home.", "negated historical"),
    ("The [pain] was relieved by rest.", ""),
    ("Near complete resolution of the [infiltrate].", ""),
    # where a history is denied, the past is denied; in a review of systems it is asked of now
    ("She has no history of [stroke].", "negated historical"),
    ("Denies any history of [asthma].", "negated historical"),
    ("No cough, nor did he have a history of [hay fever].", "negated historical"),
    ("REVIEW OF SYSTEMS: No history of [palpitations] or [dizziness].", "negated"),
    ("There is no family history of [gout].", "negated family"),
    ("History of renal disease: [creatinine] 1.2 mg/dL.", ""),
    # in a list of past history a lasting disease is there, however its line begins
    ("PAST MEDICAL HISTORY: 1. History of [COPD].", ""),
    ("PAST MEDICAL HISTORY: 1. History of [pneumonia].", "historical"),
    # reach
    ("[Nausea], rash, edema, hair loss, hypertension, proteinuria, dry cough and dizziness were not seen.", "negated"),
    ("The organism was catalase-negative; [sepsis] was treated.", ""),
    ("The nodes were [tumor]-negative.", "negated"),
    ("He was pale, not jaundiced or [cyanotic].", "negated"),
    ("No consolidation and only a small [effusion].", ""),
    ("No neck stiffness, [gait] was normal.", ""),
    ("She was denied a transplant because of [obesity].", ""),
    ("Because of his [obesity] he was denied a transplant.", ""),
    ("None of the nodules is suspicious for [malignancy].", "negated"),
    ("All nodes were negative for [metastasis].", "negated"),
    ("CT excluded pulmonary embolism and confirmed [pneumonia].", ""),
    ("There was no sign of infection with [tuberculosis].", "negated"),
    ("He felt as if he was going to [pass out].", "hypothetical"),
    ("Died of complications of [diabetes].", ""),
    ("Complications such as [bleeding] were explained.", "hypothetical"),
    ("In the past, she has been on [lithium] and [sertraline].", "historical"),
    ("CABG in 2007 with complication of [mediastinitis].", "historical"),
    ("History of gastric ulcer, with [nausea] now.", ""),
    ("He tried heat, ice, braces etc. [MRI] shows a tear.", ""),
    ("Initial [diarrhea] but now resolved.", "negated historical"),
    ("Her [fever], cough and her [rash] have completely resolved.", "negated historical"),
    ("Regarding his [AIDS], his lymphadenopathy has resolved.", ""),
    ("He had [seizures] after his spasms had subsided.", ""),
    ("[Arthritis] of the ankles resolved.", "negated historical"),
    ("The [headache] had for the most part resolved.", ""),
    ("The nerves were not involved in the [lipoma].", ""),
    ("The nodes were not involved by [tumor].", "negated"),
    ("He did not recall the details of his [injury].", ""),
    ("ALLERGIES: No known [drug allergies].", "negated historical"),
    ("The MRI showed a complete removal of the [meningioma].", "negated"),
    ("He had no other findings, such as suspected [metastasis].", "negated"),
    ("There was disappearance of most of the [lesions].", ""),
    ("Possible causes of her [chest pain] include gastritis.", ""),
    ("She does not think she has had a [tetanus vaccine].", "negated"),
    ("There was a gradual onset of [pelvic pain] a year ago.", ""),
    ("There was an episode of [confusion], but this too cleared.", "negated historical"),
    ("The risks include but are not limited to:\n1. Infection\n2. [Bleeding]", "hypothetical"),
    ("This is likely consistent with colitis not responsive to [prednisone].", ""),
    ("He appears to be in [pain].", ""),
    ("Possible causes of her chest pain include [gastritis] and [anxiety].", "uncertain"),
    ("Her brother was diagnosed with [autism].", "family"),
    ("Mother is well. He was diagnosed with [autism].", ""),
    ("Tobacco user. [Tobacco use]: Non-smoker.", "negated"),
    # what declined became less, and was not refused
    ("There was eye [pain] and her vision declined to counting fingers.", ""),
    ("[MRI] was offered but she declined.", "negated"),
    ("Staining was seen in the margin but not in the [melanoma].", ""),
    ("Comfortable but not in [distress].", "negated"),
    ("Scar without residual carcinoma and multiple [fibroadenomas].", ""),
    ("Without fever and [chills].", "negated"),
    ("The work-up ruled out any cardiac cause for the [stroke].", ""),
    ("There is no obvious source of [bleeding].", ""),
    ("No [bleeding] or source of infection.", "negated"),
    ("Cultures were all negative, the patient's [cough] did not respond.", ""),
    (
        "Asked: [fever], weight loss, cough, chest pain, shortness of breath, bleeding, arthritis - all were negative.",
        "negated",
    ),
    ("He was not better and died from [sepsis].", ""),
    ("He denies having [headache].", "negated"),
    ("General: comfortable, not in [any distress].", "negated"),
    ("He did not appear to be in [distress].", "negated"),
    ("He does not appear to understand his [cancer].", ""),
    ("She is not in favor of surgery for her [fibroids].", ""),
    ("The [wound infection] does not appear to be worsening.", ""),
    ("Without medication her [pain] is 7 of 10.", ""),
    ("(-) fever, chills or [rash]; cough.", "negated"),
    ("(-) cough, (+) [wheezing].", ""),
    ("(-) constitutional symptoms such as fever, [headache].", "negated"),
    ("Asthma/[COPD]? No", "negated"),
    ("[Asthma]/COPD? No", "negated"),
    ("Steroid use? No  [Sleep apnea]? Yes", ""),
    ("Mom has not noticed any unusual [voice change].", "negated"),
    ("Her mother has not had [cancer].", "negated family"),
    ("FH [hypothyroidism]", "family"),
    ("Worried re: [brain cancer].", "uncertain"),
    ("There was old blood or [active bleeding].", ""),
    ("This former smoker with [a cough] was seen today.", ""),
    ("Previous heavy drinker who reports [leg pain].", ""),
    ("She had prior [pneumonia].", "historical"),
    ("Old infarct or [stroke].", "historical"),
    ("Seen for [injuries] and for possible elder abuse.", ""),
    ("[UTI] possible given the nitrites.", "uncertain"),
    ("The [fever] resolved overnight.", "negated historical"),
    ("ECG did not reveal ischemia compared to the baseline [electrocardiogram].", ""),
    ("For the past 12 years on [lisinopril].", ""),
    ("There is no evidence of [pneumothorax].", "negated"),
    ("Without [edema].", "negated"),
    # how long, not when
    ("Hx: 3 week history of [cough].", ""),
    ("3/7 hx of [diarrhea].", ""),
    ("Hx of [fever] for a week.", ""),
    ("History of [hypertension] for 20 years.", "historical"),
    # what stands directly behind
    ("OK with cefdinir, [rash] hx discussed.", "historical"),
    ("His [coronary artery disease] history is long.", "historical"),
    ("DVT hx, on apixaban, [fever] today.", ""),
    ("[Chest pain] history: began today.", ""),
    ("[MRI] if the pattern changes.", "hypothetical"),
    ("[Ibuprofen] if needed.", ""),
    ("Stable since the switch from [risperidone] to aripiprazole.", "historical"),
    ("Stable since the switch from risperidone to [aripiprazole].", ""),
    ("[Preeclampsia] precautions: call for headache.", "hypothetical"),
    ("She is not consistent with taking [Lasix].", ""),
    ("Known for a history of deafness and denies any recent [nausea].", "negated"),
    ("He was given fluids in the emergency department for [dehydration].", ""),
    ("Go to the nearest emergency department for [fever].", "hypothetical"),
    ("[Apixaban] held for possible EGD.", ""),
    ("Apixaban held for possible [EGD].", "uncertain"),
    ("[Pneumonia] possible.", "uncertain"),
    ("negative for [cough]", "negated"),
    ("No fever, has [cough].", ""),
    ("No fever but [cough] present.", ""),
    ("No cough; [fever] noted.", ""),
    ("He is not on [aspirin].", "negated"),
    ("She has had no problems with [edema] or [numbness].", "negated"),
    ("She has had no problems with her [insulin].", ""),
    # negation, backward, by value and by sign
    ("[Pneumonia] was ruled out.", "negated"),
    ("[Pneumothorax] is absent.", "negated"),
    ("[Fever]: none", "negated"),
    ("[Cough] (-)", "negated"),
    ("(-) [fever]", "negated"),
    ("no CP, +[dyspnea]", ""),
    ("Tumor was not seen, [adenopathy] was not found.", "negated"),
    ("She doesn't complain of [headache].", "negated"),
    ("[Diarrhea]? none.", "negated"),
    ("Dysuria: no  [Hematuria]: no", "negated"),
    ("Denies:\n- [fever]\n- cough", "negated"),
    ("Mom denies [cough].", "negated"),
    # what only looks like negation
    ("Admits [snoring], denies fever.", ""),
    ("No change in size of the [renal cyst].", ""),
    ("No effusion, small [hiatal hernia].", ""),
    ("She doesn't deny [depression].", ""),
    ("There is no question that he has [heart failure].", ""),
    ("No change in [edema].", ""),
    ("Not only [fever] but also rash.", ""),
    ("[Hypertension], not well controlled.", ""),
    ("[CAD] - no angina", ""),
    ("Pain is without relief; [nausea] persists.", ""),
    ("He did not improve because of [nausea].", ""),
    # uncertain
    ("Possible [pneumonia].", "uncertain"),
    ("Elevated bilirubin, consider [cholangitis].", "uncertain"),
    ("Consider [metformin].", "hypothetical"),
    ("Concern for [sepsis].", "uncertain"),
    ("Rule out [myocardial infarction].", "uncertain"),
    ("[Pneumonia] can't be ruled out.", "uncertain"),
    ("Isolate until [tuberculosis] is ruled out.", "uncertain"),
    ("DDx:\n- [gout]\n- pseudogout", "uncertain"),
    ("[Stroke] cannot be excluded.", "uncertain"),
    ("?[stroke]", "uncertain"),
    ("Likely viral infection, [cough] improving.", ""),
    # historical
    ("History of [stroke].", "historical"),
    ("s/p [appendectomy]", "historical"),
    ("Hospitalized last year for [pneumonia].", "historical"),
    ("Back in 1998 he was treated for [syphilis].", "historical"),
    ("Allergic to sulfa, which causes [rash].", "historical"),
    ("Old records confirm [ulcerative colitis].", ""),
    ("[Pneumonia] in 2015.", "historical"),
    ("No prior [seizures].", "negated"),
    ("PAST SURGICAL HISTORY: [Appendectomy].", "historical"),
    ("PAST MEDICAL HISTORY: [Hypertension].", ""),
    ("62 year old man with [hypertension].", ""),
    # hypothetical
    ("Return if [fever].", "hypothetical"),
    ("Call us for [bleeding] or [swelling].", "hypothetical"),
    ("Ibuprofen 400 mg as needed for [pain].", "hypothetical"),
    ("Monitor for [bleeding].", "hypothetical"),
    ("Tylenol for [pain] as needed.", "hypothetical"),
    ("Should [seizures] recur, call us.", "hypothetical"),
    ("Docusate prn constipation, sertraline for [depression].", ""),
    # family
    ("FAMILY HISTORY: Father with [diabetes].", "family"),
    ("Mother had [breast cancer].", "family"),
    ("FAMILY HISTORY: Father, history of [gout] and [stroke].", "family"),
    ("FAMILY HISTORY: Negative for [gout].", "negated family"),
    ("Mother reports [fever].", ""),
    ("His roommate was diagnosed with [meningitis].", "family"),
    ("Exposed to a child with [chickenpox].", "family"),
    ("Seen with her father for [acne].", ""),
    ("Caregiver for her mother, has [insomnia].", ""),
    ("Family history of [colon cancer].", "family"),
    ("There is [breast cancer] in her mother.", "family"),
]


@pytest.mark.parametrize(("marked", "wanted"), CASES)
def test_assertion(extractor: RulesExtractor, marked: str, wanted: str) -> None:
    plain, spans = _unmark(marked)
    mentions = extractor.extract(plain).mentions
    for begin, end in spans:
        found = [m for m in mentions if m.begin <= begin < m.end or begin <= m.begin < end]
        assert found, f"nothing found at {begin}:{end}"
        true = {name for name in ASSERTIONS if found[0].assertion.get(name)}
        assert true == set(wanted.split())
        assert {cue.attribute for cue in found[0].cues} == true  # every decision names its cue


def _unmark(marked: str) -> tuple[str, list[tuple[int, int]]]:
    plain, spans = "", []
    for piece in marked.replace("]", "[").split("["):
        spans.append((len(plain), len(plain) + len(piece)))
        plain += piece
    return plain, spans[1::2]


@pytest.mark.parametrize(
    ("text", "mention", "attribute", "reach"),
    [
        ("He has no fever or cough, but has gout.", "cough", "negated", "fever or cough,"),
        ("Fever. Gout was ruled out.", "Gout", "negated", "Gout"),
        ("FAMILY HISTORY: gout", "gout", "family", None),
        ("(-) fever", "fever", "negated", None),
    ],
    ids=["forward up to a terminator", "backward up to the sentence", "section", "sign"],
)
def test_a_cue_says_how_far_it_reaches(
    extractor: RulesExtractor, text: str, mention: str, attribute: str, reach: str | None
) -> None:
    (found,) = (entity for entity in extractor.extract(text).entity_records("n", "r") if entity["text"] == mention)
    (cue,) = (cue for cue in found["provenance"]["cues"] if cue["attribute"] == attribute)
    assert (reach and text[cue["scope_begin"] : cue["scope_end"]]) == reach
    assert (cue["scope_begin"] is None) is (reach is None)


@pytest.mark.parametrize(
    ("text", "said", "negated"),
    [
        ("Echo showed no signs of endocarditis.", ["no signs of endocarditis"], [True]),
        ("Supple, no nodes, goiter or rash.", ["Supple, no nodes", "goiter", "rash"], [False, True, True]),
        ("She has a lack of appetite.", ["lack of appetite"], [False]),
    ],
)
def test_a_span_that_is_given_may_hold_its_denial(
    extractor: RulesExtractor, text: str, said: list[str], negated: list[bool]
) -> None:
    spans = [ScoredSpan(at := text.index(words), at + len(words), "PROBLEM", 1.0) for words in said]
    found = extractor.extract_given(text, spans).mentions
    assert [bool(mention.assertion.get("negated")) for mention in found] == negated
